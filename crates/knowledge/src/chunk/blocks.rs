//! The blocks that a text is made of.

use std::iter::Peekable;
use std::ops::Range;

use super::lines::{self, Line};
use crate::extract::TextFormat;

/// The most bytes of a heading; a longer one is text.
const MAX_HEADING_BYTES: usize = 400;

/// What a block is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A heading: its level from 1, its words.
    Heading(u8, String),
    /// A paragraph, or an item of a list.
    Prose,
    /// A table; its header rows are at these bytes.
    Table(Range<usize>),
    /// Code: its lines mean something.
    Code,
}

/// A part of a text that belongs together. Between blocks are blanks only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) bytes: Range<usize>,
    pub(super) kind: Kind,
}

/// The blocks of `text`, in order.
pub(super) fn blocks(text: &str, format: &TextFormat) -> Vec<Block> {
    let mut reader = Reader { blocks: Vec::new(), open: None };
    let mut lines = lines::lines(text, 0..text.len()).peekable();
    match format {
        TextFormat::Code(_) => {
            reader.code(lines);
            return reader.blocks;
        }
        TextFormat::Markdown => {
            if lines.peek().is_some_and(|line| line.text.trim_end() == "---") {
                reader.front_matter(&mut lines);
            }
            while let Some(line) = lines.next() {
                if !reader.markdown(line, &mut lines) {
                    reader.prose(line);
                }
            }
        }
        TextFormat::Plain => lines.for_each(|line| reader.prose(line)),
    }
    reader.close();
    reader.blocks
}

struct Reader {
    blocks: Vec<Block>,
    /// The paragraph or item that is being read.
    open: Option<Range<usize>>,
}

impl Reader {
    fn close(&mut self) {
        if let Some(bytes) = self.open.take() {
            self.push(bytes, Kind::Prose);
        }
    }

    fn push(&mut self, bytes: Range<usize>, kind: Kind) {
        self.blocks.push(Block { bytes, kind });
    }

    /// A line of words: a paragraph ends with a blank line, an item where the next begins.
    fn prose(&mut self, line: Line<'_>) {
        if line.is_blank() {
            return self.close();
        }
        if lines::is_list_item(line.text) {
            self.close();
        }
        match &mut self.open {
            Some(open) => open.end = line.range().end,
            None => self.open = Some(line.range()),
        }
    }

    /// Reads what is not a paragraph in Markdown; false when `line` is none of it.
    fn markdown<'t>(
        &mut self,
        line: Line<'t>,
        lines: &mut Peekable<impl Iterator<Item = Line<'t>>>,
    ) -> bool {
        if let Some(fence) = lines::fence(line.text) {
            self.close();
            let mut bytes = line.range();
            for inner in lines {
                bytes.end = inner.range().end;
                let closes = lines::fence(inner.text).is_some_and(|(mark, length)| {
                    mark == fence.0 && length >= fence.1 && inner.text.trim().len() == length
                });
                if closes {
                    break;
                }
            }
            self.push(bytes, Kind::Code);
            return true;
        }
        if let Some((level, words)) = lines::heading(line.text)
            && line.text.len() <= MAX_HEADING_BYTES
        {
            self.close();
            self.push(line.range(), Kind::Heading(level, words.to_owned()));
            return true;
        }
        if line.text.contains('|')
            && lines.peek().is_some_and(|next| lines::is_table_rule(next.text))
        {
            self.close();
            self.table(line, lines);
            return true;
        }
        if self.open.is_none()
            && !line.is_blank()
            && let Some(next) = lines.peek()
        {
            let words = line.text.trim();
            if let Some(level) = lines::underline(next.text)
                && !lines::is_list_item(line.text)
                && words.len() <= MAX_HEADING_BYTES
                && lines::underline(words).is_none()
            {
                let bytes = line.start..next.range().end;
                lines.next();
                self.push(bytes, Kind::Heading(level, words.to_owned()));
                return true;
            }
        }
        false
    }

    /// A table: its header, the rule under it, and the rows.
    fn table<'t>(
        &mut self,
        header: Line<'t>,
        lines: &mut Peekable<impl Iterator<Item = Line<'t>>>,
    ) {
        let mut bytes = header.range();
        if let Some(rule) = lines.next() {
            bytes.end = rule.range().end;
        }
        let header = bytes.clone();
        while let Some(row) = lines.next_if(|line| line.text.contains('|')) {
            bytes.end = row.range().end;
        }
        self.push(bytes, Kind::Table(header));
    }

    /// What stands between two lines of `---` at the beginning of a Markdown text.
    fn front_matter<'t>(&mut self, lines: &mut Peekable<impl Iterator<Item = Line<'t>>>) {
        let mut bytes: Option<Range<usize>> = None;
        while let Some(line) = lines.next_if(|line| !line.is_blank()) {
            let first = bytes.is_none();
            bytes = Some(bytes.map_or(line.start, |bytes| bytes.start)..line.range().end);
            if !first && line.text.trim_end() == "---" {
                break;
            }
        }
        if let Some(bytes) = bytes {
            self.push(bytes, Kind::Code);
        }
    }

    /// Code: a block ends at a blank line before a line that is not indented.
    fn code<'t>(&mut self, lines: impl Iterator<Item = Line<'t>>) {
        let mut open: Option<Range<usize>> = None;
        let mut after_blank = false;
        for line in lines {
            if line.is_blank() {
                after_blank = true;
                continue;
            }
            if after_blank
                && line.indent() == 0
                && let Some(bytes) = open.take()
            {
                self.push(bytes, Kind::Code);
            }
            after_blank = false;
            open = Some(open.map_or(line.start, |bytes| bytes.start)..line.range().end);
        }
        if let Some(bytes) = open {
            self.push(bytes, Kind::Code);
        }
    }
}
