//! Numbers as a cell's format shows them: percent, thousands, fixed decimals, currencies and other
//! words around the number.
//!
//! What is not such (fractions, powers of ten, conditions, dates, which are written as ISO 8601) is
//! not understood, and its numbers stay as they are.

mod digits;

use std::iter::Peekable;
use std::str::Chars;

use self::digits::Digits;

/// The longest code that is looked at, in bytes: Excel takes 255 characters.
const MAX_CODE: usize = 1_024;
/// The most places on each side of the point, as in Excel.
const MAX_PLACES: usize = 30;

/// A format that is understood.
#[derive(Debug)]
pub(super) struct NumberFormat {
    /// For all numbers; for those from zero on and the others; or for those above, below and zero.
    sections: Vec<Section>,
}

/// How numbers of one sign are shown.
#[derive(Debug, Default)]
struct Section {
    before: String,
    after: String,
    /// Whether it shows the number at all.
    has_digits: bool,
    /// The least places before the point; the least and the most behind it.
    whole: usize,
    least: usize,
    most: usize,
    grouped: bool,
    /// By which power of ten the number is moved: two up for percent, three down for thousands.
    power: i32,
}

impl NumberFormat {
    /// The format with this code; none where its numbers are best left as they are.
    pub(super) fn parse(code: &str) -> Option<Self> {
        if code.len() > MAX_CODE || code.eq_ignore_ascii_case("general") {
            return None;
        }
        let mut chars = code.chars().peekable();
        let mut sections = Vec::new();
        // The fourth is for words.
        while sections.len() < 3 {
            sections.push(Section::parse(&mut chars)?);
            if chars.next_if_eq(&';').is_none() {
                break;
            }
        }
        Some(Self { sections })
    }

    /// The number in this format; none where that shows nothing.
    pub(super) fn show(&self, number: f64) -> Option<String> {
        let section = match self.sections.as_slice() {
            [_, negative, ..] if number < 0.0 => negative,
            [_, _, zero] if number == 0.0 => zero,
            [first, ..] => first,
            [] => return None,
        };
        let digits = Digits::of(number)?.times_ten_to(section.power);
        let shown = section.show(&digits);
        // A section of their own shows numbers below zero in its own way.
        let signed = number < 0.0 && self.sections.len() == 1 && digits.shows(section.most);
        let shown = if signed { format!("-{shown}") } else { shown };
        let shown = shown.trim();
        (!shown.is_empty()).then(|| shown.to_owned())
    }
}

impl Section {
    /// Reads up to the end or a semicolon.
    fn parse(chars: &mut Peekable<Chars<'_>>) -> Option<Self> {
        let mut section = Self::default();
        let (mut behind_point, mut commas) = (false, 0);
        while let Some(c) = chars.next_if(|c| *c != ';') {
            match c {
                '0' | '#' | '?' => {
                    // Words among the digits, as in telephone numbers.
                    if !section.after.is_empty() {
                        return None;
                    }
                    section.grouped |= commas > 0 && !behind_point;
                    commas = 0;
                    section.digit(c, behind_point);
                }
                '.' if !behind_point => {
                    behind_point = true;
                    section.scale(std::mem::take(&mut commas));
                }
                ',' if section.has_digits => commas += 1,
                '%' => {
                    section.power += 2;
                    section.literal('%');
                }
                // As wide as the next character, or filled with it.
                '_' | '*' => drop(chars.next()),
                '\\' => section.literal(chars.next()?),
                '"' => chars.take_while(|c| *c != '"').for_each(|c| section.literal(c)),
                '[' => section.bracket(&chars.take_while(|c| *c != ']').collect::<String>())?,
                c if is_plain(c) => section.literal(c),
                _ => return None,
            }
        }
        section.scale(commas);
        let places = [section.whole, section.most];
        places.iter().all(|places| *places <= MAX_PLACES).then_some(section)
    }

    /// Commas behind the last digit, or the last before the point: each takes away thousands.
    fn scale(&mut self, commas: i32) {
        self.power -= 3 * commas;
    }

    fn digit(&mut self, c: char, behind_point: bool) {
        self.has_digits = true;
        if !behind_point {
            self.whole += usize::from(c == '0');
        } else {
            self.most += 1;
            if c == '0' {
                self.least = self.most;
            }
        }
    }

    fn literal(&mut self, c: char) {
        if self.has_digits { self.after.push(c) } else { self.before.push(c) }
    }

    /// A currency, as in `$€-407`, or a colour. Conditions and durations are not understood.
    fn bracket(&mut self, content: &str) -> Option<()> {
        if let Some(currency) = content.strip_prefix('$') {
            let sign = currency.split('-').next().unwrap_or_default();
            sign.chars().for_each(|c| self.literal(c));
            return Some(());
        }
        let is_colour = content.len() > 2 && content.starts_with(|c: char| c.is_ascii_alphabetic());
        is_colour.then_some(())
    }

    fn show(&self, digits: &Digits) -> String {
        let mut shown = self.before.clone();
        if self.has_digits {
            let (whole, fraction) = digits.rounded(self.most);
            let zeros = "0".repeat(self.whole.saturating_sub(whole.len()));
            let whole = zeros + &whole;
            for (at, digit) in whole.char_indices() {
                if self.grouped && at > 0 && (whole.len() - at).is_multiple_of(3) {
                    shown.push(',');
                }
                shown.push(digit);
            }
            let needed = fraction.trim_end_matches('0').len().max(self.least);
            if needed > 0 {
                shown.push('.');
                shown.push_str(&fraction[..needed]);
            }
        }
        shown + &self.after
    }
}

/// Whether a character stands for itself without quotes.
fn is_plain(c: char) -> bool {
    c == ' ' || "$-+():!^&'~{}=".contains(c) || !c.is_ascii() && !c.is_control()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(code: &str, number: f64) -> Option<String> {
        NumberFormat::parse(code)?.show(number)
    }

    #[test]
    fn numbers_look_as_in_excel() {
        for (code, number, expected) in [
            ("0%", 0.25, "25%"),
            ("0.0%", 0.12345, "12.3%"),
            ("0.00", 1.005, "1.01"),
            ("0.00", -2.0, "-2.00"),
            ("0.00", 9.999, "10.00"),
            ("0", -0.4, "0"),
            ("0.0##", 1.25, "1.25"),
            ("0.##", 3.0, "3"),
            ("#.00", 0.5, ".50"),
            ("00000", 123.0, "00123"),
            ("#,##0", 1_234_567.0, "1,234,567"),
            ("#,##0", 12.0, "12"),
            ("#,##0.00", 1e20, "100,000,000,000,000,000,000.00"),
            ("0.0,,\"M\"", 1_260_000.0, "1.3M"),
            ("0,,.0\"M\"", 1_260_000.0, "1.3M"),
            ("#,##0,.0\"K\"", 1_234_567.0, "1,234.6K"),
            ("#,##0,", 1_234_567.0, "1,235"),
            ("0,.0,", 1_260_000.0, "1.3"),
            ("0.0,0", 1234.5, "1234.50"),
            ("\"$\"#,##0.00_);[Red]\\(\"$\"#,##0.00\\)", -1234.5, "($1,234.50)"),
            ("_(* #,##0_);_(* (#,##0);_(* \"-\"_);_(@_)", 0.0, "-"),
            ("_(* #,##0_);_(* (#,##0);_(* \"-\"??_);_(@_)", 0.0, "-"),
            ("#,##0.00 [$€-407]", 1234.5, "1,234.50 €"),
            ("[$CHF-100C] 0.00", 5.0, "CHF 5.00"),
            ("€ 0", 5.0, "€ 5"),
            ("0 \"°C\"", -3.0, "-3 °C"),
            ("+0;-0;0", 7.0, "+7"),
            ("\"closed\"", 7.0, "closed"),
        ] {
            assert_eq!(shown(code, number).as_deref(), Some(expected), "{code} {number}");
        }
    }

    #[test]
    fn what_is_not_understood_or_shows_nothing_is_left() {
        for code in [
            "General",
            "",
            ";;;",
            "@",
            "# ?/?",
            "0.00E+00",
            "[>=100]0;0.0",
            "[h]:mm",
            "d.m.yy",
            "000-000",
            "#",
            "0.0.0",
            "\\",
            "General\" kg\"",
        ] {
            assert_eq!(shown(code, 0.0), None, "{code}");
        }
        assert_eq!(shown(&"0".repeat(40), 1.0), None);
        assert_eq!(shown("0", f64::NAN), None);
        assert_eq!(shown("0", f64::INFINITY), None);
    }

    proptest! {
        #[test]
        fn whatever_the_code_and_the_number_what_is_shown_is_bounded(
            code in "[-0#?.,;%$\"\\\\_*\\[\\]@E+/ a€]{0,24}", number in any::<f64>(),
        ) {
            let shown = shown(&code, number).unwrap_or_default();
            prop_assert!(shown.chars().count() <= 24 + 2 * 400, "{}", shown);
        }

        #[test]
        fn fixed_decimals_are_those_of_the_number(cents in -1_000_000_000_i64..1_000_000_000) {
            let shown = shown("0.00", cents as f64 / 100.0).unwrap();
            let sign = if cents < 0 { "-" } else { "" };
            let cents = cents.abs();
            prop_assert_eq!(shown, format!("{sign}{}.{:02}", cents / 100, cents % 100));
        }
    }
}
