//! Lines of a text and what they look like.

use std::ops::Range;

/// A line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'t> {
    /// Where it begins, in bytes.
    pub(super) start: usize,
    /// Without its line break.
    pub(super) text: &'t str,
}

impl Line<'_> {
    pub(super) const fn range(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// How far it is indented, a tab counting as four.
    pub(super) fn indent(&self) -> usize {
        let blanks = self.text.chars().take_while(|c| c.is_whitespace());
        blanks.map(|c| if c == '\t' { 4 } else { 1 }).sum()
    }
}

/// The lines of `text` between the bytes of `range`.
pub(super) fn lines<'t>(text: &'t str, range: Range<usize>) -> impl Iterator<Item = Line<'t>> {
    let mut start = range.start;
    text.get(range).unwrap_or_default().split_inclusive('\n').map(move |line| {
        let this = Line { start, text: line.strip_suffix('\n').unwrap_or(line) };
        start += line.len();
        this
    })
}

/// The level and the words of a heading like `## Words`.
pub(super) fn heading(line: &str) -> Option<(u8, &str)> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let words = line.get(level..)?;
    if !(1..=6).contains(&level) || !(words.is_empty() || words.starts_with([' ', '\t'])) {
        return None;
    }
    let words = words.trim();
    // Marks at the end belong to the heading only behind a blank: "C#" keeps its own.
    let closed = words.trim_end_matches('#');
    let words = if closed.is_empty() || closed.ends_with(' ') { closed.trim_end() } else { words };
    Some((u8::try_from(level).ok()?, words))
}

/// The level of the heading that this line underlines.
pub(super) fn underline(line: &str) -> Option<u8> {
    let line = line.trim_end();
    let all = |mark: char| line.len() >= 3 && line.chars().all(|c| c == mark);
    if all('=') { Some(1) } else { all('-').then_some(2) }
}

/// The mark and its length of a line that opens or closes fenced code.
pub(super) fn fence(line: &str) -> Option<(char, usize)> {
    let line = line.trim_start_matches(' ');
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.chars().take_while(|c| *c == mark).count();
    // Behind a fence of backticks is none: what has them is code within a line.
    let is_within = mark == '`' && line.get(length..).is_some_and(|rest| rest.contains('`'));
    (length >= 3 && !is_within).then_some((mark, length))
}

/// Whether the line begins an item of a list.
pub(super) fn is_list_item(line: &str) -> bool {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let behind = line.get(digits..).unwrap_or_default();
    let marks: &[char] = if digits == 0 { &['-', '*', '+', '•'] } else { &['.', ')'] };
    digits <= 9 && behind.strip_prefix(marks).is_some_and(|rest| rest.starts_with([' ', '\t']))
}

/// Whether the line divides the header of a table from its rows, like `| --- | :-: |`.
pub(super) fn is_table_rule(line: &str) -> bool {
    let line = line.trim();
    line.contains('-') && line.contains('|') && line.chars().all(|c| "|-: \t".contains(c))
}
