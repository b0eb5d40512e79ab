//! How numbers and times are written.

use calamine::{ExcelDateTime, ExcelDateTimeType};

use super::number_format::NumberFormat;

/// A number that was kept with a format's code, as charts keep those of their sheets. Days are counted
/// from 1904, as in old sheets of the Macintosh, or else from 1900.
pub(super) fn value_shown(value: &str, code: &str, from_1904: bool) -> String {
    let number = value.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    let Some(number) = number else { return value.to_owned() };
    if let Some(kind) = time_kind(code) {
        return time_shown(&ExcelDateTime::new(number, kind, from_1904));
    }
    let format = NumberFormat::parse(code);
    format.and_then(|format| format.show(number)).unwrap_or_else(|| number_shown(number))
}

/// Which kind of time numbers of this format are, if they are such.
fn time_kind(code: &str) -> Option<ExcelDateTimeType> {
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        match c.to_ascii_lowercase() {
            '"' => drop(chars.by_ref().find(|c| *c == '"')),
            '\\' | '_' | '*' => drop(chars.next()),
            '[' => {
                let content: String = chars.by_ref().take_while(|c| *c != ']').collect();
                let is_time = |c: char| "hms".contains(c.to_ascii_lowercase());
                if !content.is_empty() && content.chars().all(is_time) {
                    return Some(ExcelDateTimeType::TimeDelta);
                }
            }
            'd' | 'm' | 'y' | 'h' | 's' => return Some(ExcelDateTimeType::DateTime),
            _ => {}
        }
    }
    None
}

/// Fifteen digits, as spreadsheets reckon: 0.1 + 0.2 is 0.3.
pub(super) fn number_shown(number: f64) -> String {
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    if rounded.abs() >= 1e15 || (rounded != 0.0 && rounded.abs() < 1e-9) {
        format!("{rounded:e}")
    } else {
        rounded.to_string()
    }
}

/// A date or a time as ISO 8601, a duration as hours, minutes and seconds.
pub(super) fn time_shown(time: &ExcelDateTime) -> String {
    let number = time.as_f64();
    if time.is_duration() {
        let seconds = (number * 86_400.0).round() as i64;
        return format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    }
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    if number < 1.0 {
        format!("{hour:02}:{minute:02}:{second:02}")
    } else if number.fract() == 0.0 {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_in_a_spreadsheet() {
        for (number, shown) in [
            (0.1 + 0.2, "0.3"),
            (3.0, "3"),
            (-1234.5, "-1234.5"),
            (1e20, "1e20"),
            (1e-12, "1e-12"),
            (0.0, "0"),
        ] {
            assert_eq!(number_shown(number), shown);
        }
    }

    #[test]
    fn what_a_chart_keeps_looks_as_in_its_cell() {
        for (value, code, shown) in [
            ("0.25", "0%", "25%"),
            ("0.30000000000000004", "General", "0.3"),
            ("45351", "d\\.m\\.yy", "2024-02-29"),
            ("1.5", "[h]:mm", "36:00:00"),
            ("Q1", "0%", "Q1"),
            ("3", "", "3"),
            ("2", "0\" days\"", "2 days"),
            ("1e999", "General", "1e999"),
        ] {
            assert_eq!(value_shown(value, code, false), shown, "{code}");
        }
        assert_eq!(value_shown("43889", "d\\.m\\.yy", true), "2024-02-29");
        assert_eq!(value_shown("1.5", "[h]:mm", true), "36:00:00");
    }
}
