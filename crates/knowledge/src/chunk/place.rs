//! Where things lie in a text: bytes into characters, lines and pages.

use std::ops::Range;

use vpaura_domain::Span;

/// The bytes at which pages begin, from the characters at which they do, which ascend.
pub(super) fn page_bytes(text: &str, pages: &[u32]) -> Vec<usize> {
    let mut cursor = Cursor::default();
    let mut bytes = Vec::with_capacity(pages.len());
    for page in pages {
        let rest = text.get(cursor.byte..).unwrap_or_default();
        let ahead = (*page as usize).saturating_sub(cursor.chars);
        let at = rest.char_indices().nth(ahead).map_or(text.len(), |(at, _)| cursor.byte + at);
        cursor.advance(text, at);
        bytes.push(at);
    }
    bytes
}

/// Tells the spans of chunks, whose starts ascend and whose ends do: the text is read once.
pub(super) struct Placer<'t> {
    text: &'t str,
    pages: &'t [u32],
    start: Cursor,
    end: Cursor,
}

impl<'t> Placer<'t> {
    pub(super) fn new(text: &'t str, pages: &'t [u32]) -> Self {
        Self { text, pages, start: Cursor::default(), end: Cursor::default() }
    }

    /// The span of `bytes`, which are not empty and do not end with a line break.
    pub(super) fn span(&mut self, bytes: Range<usize>) -> Span {
        self.start.advance(self.text, bytes.start);
        self.end.advance(self.text, bytes.end);
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let (start, end) = (small(self.start.chars), small(self.end.chars));
        Span {
            start,
            end,
            line_start: small(self.start.lines + 1),
            line_end: small(self.end.lines + 1),
            page_start: self.page(start),
            page_end: self.page(end.saturating_sub(1)),
        }
    }

    /// The page that the character `at` is on; what stands before the first page counts to it.
    fn page(&self, at: u32) -> Option<u32> {
        let begun = self.pages.partition_point(|page| *page <= at).max(1);
        if self.pages.is_empty() { None } else { u32::try_from(begun).ok() }
    }
}

/// A place that only moves forward.
#[derive(Debug, Default)]
struct Cursor {
    byte: usize,
    chars: usize,
    lines: usize,
}

impl Cursor {
    fn advance(&mut self, text: &str, to: usize) {
        let passed = text.get(self.byte..to).unwrap_or_default();
        self.chars += passed.chars().count();
        self.lines += passed.bytes().filter(|byte| *byte == b'\n').count();
        self.byte = self.byte.max(to);
    }
}
