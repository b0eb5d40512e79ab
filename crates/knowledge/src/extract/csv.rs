//! Tables in text: values told apart by commas, semicolons, tabs or bars, as a Markdown table.

use std::fs::File;

use ::csv::{ReaderBuilder, StringRecord};

use super::error::{ExtractError, Result};
use super::extracted::{Extracted, TextBuilder, TextFormat};
use super::markdown::Table;
use super::text;

/// Characters that can stand between values.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// How many lines are looked at to find the separator.
const LOOK_LINES: usize = 20;

pub(super) fn extract(input: File, text_bytes: u64) -> Result<Extracted> {
    let text = text::read(input, text_bytes)?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(&text))
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

/// The separator that cuts the first lines most evenly into most values.
fn separator(text: &str) -> u8 {
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).take(LOOK_LINES).collect();
    let score = |separator: u8| {
        let counts = || lines.iter().map(|line| outside_quotes(line, separator));
        let least = counts().min().unwrap_or(0);
        // An even table beats a line that is full of commas.
        (least, counts().sum::<usize>())
    };
    // Of equals, the last is the maximum: so the most usual ones come last.
    SEPARATORS.into_iter().rev().max_by_key(|&separator| score(separator)).unwrap_or(b',')
}

fn outside_quotes(line: &str, separator: u8) -> usize {
    let mut quoted = false;
    line.bytes()
        .filter(|&byte| {
            quoted ^= byte == b'"';
            byte == separator && !quoted
        })
        .count()
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
    }
}
