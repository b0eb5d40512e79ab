//! Tables in text: values told apart by commas, semicolons, tabs or bars, as a Markdown table.

use ::csv::{ReaderBuilder, StringRecord};

use super::error::{ExtractError, Result};
use super::extracted::{Extracted, TextBuilder, TextFormat};
use super::markdown::Table;

/// Characters that can stand between values.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// How many rows are looked at to find the separator.
const LOOK_ROWS: usize = 20;

pub(super) fn extract(text: &str, text_bytes: u64) -> Result<Extracted> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(text))
        .from_reader(text.as_bytes());
    let mut out = TextBuilder::new(text_bytes);
    let mut table = Table::default();
    let mut record = StringRecord::new();
    while reader
        .read_record(&mut record)
        .map_err(|_| ExtractError::damaged("its rows cannot be told apart"))?
    {
        table.row(&mut out, record.iter().map(str::to_owned).collect())?;
    }
    table.finish(&mut out)?;
    out.finish(TextFormat::Markdown, None)
}

/// The separator that cuts the first rows most evenly into most values.
fn separator(text: &str) -> u8 {
    let rows = marks_by_row(text);
    let score = |place: usize| {
        let counts = || rows.iter().map(|row| row[place]);
        let least = counts().min().unwrap_or(0);
        // An even table beats a row that is full of commas.
        (least, counts().sum::<usize>())
    };
    // Of equals, the last is the maximum: so the most usual ones come last.
    let best = (0..SEPARATORS.len()).rev().max_by_key(|&place| score(place));
    best.map_or(b',', |place| SEPARATORS[place])
}

/// How often each separator stands outside of quotes in each of the first rows. A quoted value goes
/// on over line breaks; quotes within a value that began without are marks of inches.
fn marks_by_row(text: &str) -> Vec<[usize; SEPARATORS.len()]> {
    let mut rows = Vec::with_capacity(LOOK_ROWS);
    let mut row = [0; SEPARATORS.len()];
    let (mut blank, mut quoted, mut begins) = (true, false, true);
    for byte in text.bytes() {
        let ends = matches!(byte, b'\n' | b'\r') && !quoted;
        if ends && !blank {
            rows.push(std::mem::take(&mut row));
            if rows.len() == LOOK_ROWS {
                return rows;
            }
        }
        blank = ends || blank && byte.is_ascii_whitespace();
        let place = SEPARATORS.iter().position(|&separator| separator == byte);
        match byte {
            // The second of a doubled quote opens again what the first closed.
            b'"' if quoted => (quoted, begins) = (false, true),
            b'"' if begins => quoted = true,
            _ if !quoted => {
                begins = ends || place.is_some();
                row[place.unwrap_or(0)] += usize::from(place.is_some());
            }
            _ => {}
        }
    }
    if !blank {
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_told_by_the_lines() {
        assert_eq!(separator("a,b\n1,2"), b',');
        assert_eq!(separator("a;b\n1,5;2"), b';');
        assert_eq!(separator("a\tb, c\n1\t2"), b'\t');
        assert_eq!(separator("\"a;b\",c\n1,2"), b',');
        assert_eq!(separator("one\ntwo"), b',');
        assert_eq!(separator(""), b',');
        assert_eq!(separator("a|b\n\n \t\n1|2"), b'|');
    }

    #[test]
    fn quotes_stay_open_over_line_breaks() {
        let text = "id;note\n1;\"Dear all,\nfirst, second, third,\nyours, \"\"Ann\"\", Bob\"\n2;\"b\nc\"\n";
        assert_eq!(separator(text), b';');
        assert_eq!(separator("pipe;size, about\nshort;5\" or 6\nlong;9\"\n"), b';');
    }
}
