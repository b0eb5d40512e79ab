//! Packs pieces into chunks.

use std::ops::Range;

use super::blocks::{Block, Kind};
use super::cut::cut;
use super::{count_tokens, most_tokens};

/// A chunk by its places in the text.
#[derive(Debug)]
pub(super) struct Packed {
    /// Without blanks around it.
    pub(super) bytes: Range<usize>,
    /// The header rows that it repeats.
    pub(super) header: Option<Range<usize>>,
    pub(super) headings: Vec<String>,
    pub(super) tokens: usize,
}

/// A block, or a piece of one that had to be cut.
#[derive(Debug, Clone)]
struct Item {
    bytes: Range<usize>,
    tokens: usize,
    /// Of a block that had to be cut, which one and how it goes on.
    cut: Option<Cut>,
    is_heading: bool,
}

#[derive(Debug, Clone)]
struct Cut {
    block: usize,
    /// The header rows to repeat, and their tokens.
    header: Option<(Range<usize>, usize)>,
    /// Whether the next chunk repeats the end of this one.
    overlaps: bool,
}

/// The chunks of `text`. `pages` are the bytes at which pages begin.
pub(super) fn pack(
    text: &str,
    blocks: &[Block],
    pages: &[usize],
    max_tokens: usize,
    overlap: usize,
) -> Vec<Packed> {
    let mut packer = Packer {
        text,
        pages,
        max_tokens,
        overlap,
        path: Vec::new(),
        open: Vec::new(),
        tokens: 0,
        packed: Vec::new(),
    };
    for (index, block) in blocks.iter().enumerate() {
        packer.block(index, block);
    }
    packer.close();
    packer.packed
}

struct Packer<'t> {
    text: &'t str,
    pages: &'t [usize],
    max_tokens: usize,
    overlap: usize,
    /// The headings at this place, each with its level.
    path: Vec<(u8, String)>,
    /// What the chunk under way has, and about how many tokens that is.
    open: Vec<Item>,
    tokens: usize,
    packed: Vec<Packed>,
}

impl Packer<'_> {
    fn block(&mut self, index: usize, block: &Block) {
        if let Kind::Heading(level, words) = &block.kind {
            // A heading begins a chunk; only the headings right above it stay with it.
            let above = self.path.last().is_some_and(|(above, _)| above < level);
            if !above || self.open.iter().any(|item| !item.is_heading) {
                self.close();
            }
            while self.path.last().is_some_and(|(above, _)| above >= level) {
                self.path.pop();
            }
            self.path.push((*level, words.clone()));
        } else if self.turns_page(block) && self.tokens >= self.max_tokens / 2 {
            self.close();
        }
        let tokens = most_tokens(self.slice(&block.bytes), self.max_tokens);
        if tokens <= self.max_tokens {
            let is_heading = matches!(block.kind, Kind::Heading(..));
            return self.add(Item { bytes: block.bytes.clone(), tokens, cut: None, is_heading });
        }
        let header = match &block.kind {
            Kind::Table(header) => Some((header.clone(), count_tokens(self.slice(header)) + 1)),
            _ => None,
        };
        // Header rows that would fill half of each chunk are not repeated.
        let header = header.filter(|(_, tokens)| *tokens <= self.max_tokens / 2);
        let limit = self.max_tokens - header.as_ref().map_or(0, |(_, tokens)| *tokens);
        let overlaps = !matches!(block.kind, Kind::Table(_));
        let first_row = header.as_ref().map_or(0, |(header, _)| header.end);
        for piece in cut(self.text, block, limit) {
            let header = header.clone().filter(|_| piece.bytes.start >= first_row);
            let cut = Some(Cut { block: index, header, overlaps });
            self.add(Item { bytes: piece.bytes, tokens: piece.tokens, cut, is_heading: false });
        }
    }

    fn slice(&self, bytes: &Range<usize>) -> &str {
        self.text.get(bytes.clone()).unwrap_or_default()
    }

    /// Whether `block` begins on another page than the chunk under way ends.
    fn turns_page(&self, block: &Block) -> bool {
        let page = |at: usize| self.pages.partition_point(|start| *start <= at);
        self.open.last().is_some_and(|last| page(last.bytes.start) != page(block.bytes.start))
    }

    fn add(&mut self, item: Item) {
        // One more for the blanks in between.
        if !self.open.is_empty() && self.tokens + 1 + item.tokens > self.max_tokens {
            let carried = self.carried(&item);
            self.close();
            let header = carried.first().unwrap_or(&item).header_tokens();
            self.tokens = header + carried.iter().map(|item| item.tokens).sum::<usize>();
            self.open = carried;
        } else if self.open.is_empty() {
            self.tokens = item.header_tokens();
        } else {
            self.tokens += usize::from(item.cut.is_none());
        }
        self.tokens += item.tokens;
        self.open.push(item);
    }

    /// The pieces at the end of the chunk under way that the next one repeats: of the same block
    /// as `next`, which has to fit behind them.
    fn carried(&self, next: &Item) -> Vec<Item> {
        let Some(cut) = next.cut.as_ref().filter(|cut| cut.overlaps) else { return Vec::new() };
        let mut room = self.overlap.min(self.max_tokens.saturating_sub(next.tokens + 1));
        let mut from = self.open.len();
        // Never all of it: a chunk has something that the one before has not.
        for (index, item) in self.open.iter().enumerate().skip(1).rev() {
            let same = item.cut.as_ref().is_some_and(|of| of.block == cut.block);
            if !same || item.tokens > room {
                break;
            }
            room -= item.tokens;
            from = index;
        }
        self.open.get(from..).unwrap_or_default().to_vec()
    }

    fn close(&mut self) {
        let items = std::mem::take(&mut self.open);
        self.tokens = 0;
        self.emit(&items);
    }

    /// Makes a chunk of `items`, or several in the rare case that together they have more tokens
    /// than apart.
    fn emit(&mut self, items: &[Item]) {
        // Chunks begin and end one behind the other, also where one had to be halved.
        let begun = self.packed.last().map_or(0, |before| {
            items.partition_point(|item| item.bytes.start <= before.bytes.start)
        });
        let items = items.get(begun..).unwrap_or_default();
        let (Some(first), Some(last)) = (items.first(), items.last()) else { return };
        let bytes = trimmed(self.text, first.bytes.start..last.bytes.end);
        let said = self.packed.last().is_some_and(|before| before.bytes.end >= bytes.end);
        if bytes.is_empty() || said {
            return;
        }
        let own = self.slice(&bytes);
        let header = first.cut.as_ref().and_then(|cut| cut.header.clone());
        let headed = header.map(|(header, _)| {
            let tokens = count_tokens(&format!("{}\n{own}", self.slice(&header)));
            (header, tokens)
        });
        let headed = headed.filter(|(_, tokens)| *tokens <= self.max_tokens || items.len() > 1);
        let (header, tokens) = match headed {
            Some((header, tokens)) => (Some(header), tokens),
            None => (None, count_tokens(own)),
        };
        if tokens > self.max_tokens && items.len() > 1 {
            let (front, back) = items.split_at(items.len() / 2);
            self.emit(front);
            return self.emit(back);
        }
        let headings = self.path.iter().map(|(_, words)| words.clone());
        let headings = headings.filter(|words| !words.is_empty()).collect();
        self.packed.push(Packed { bytes, header, headings, tokens });
    }
}

impl Item {
    /// Tokens of the header rows that stand above it when it begins a chunk.
    fn header_tokens(&self) -> usize {
        let header = self.cut.as_ref().and_then(|cut| cut.header.as_ref());
        header.map_or(0, |(_, tokens)| *tokens)
    }
}

/// `bytes` without the blanks around them.
fn trimmed(text: &str, bytes: Range<usize>) -> Range<usize> {
    let inner = text.get(bytes.clone()).unwrap_or_default();
    let start = bytes.start + inner.len() - inner.trim_start().len();
    start..start + inner.trim().len()
}
