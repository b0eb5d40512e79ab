//! Cuts a block that is too large for a chunk.

use std::ops::Range;

use super::blocks::{Block, Kind};
use super::{lines, most_tokens};

/// A piece of a text.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) bytes: Range<usize>,
    pub(super) tokens: usize,
}

/// Ways to cut, the coarsest first.
#[derive(Clone, Copy)]
enum Level {
    /// Where lines are blank.
    Groups,
    Sentences,
    Lines,
    Words,
    Characters,
}

/// Pieces of `block`, each of at most `limit` tokens: as coarse as they can be.
pub(super) fn cut(text: &str, block: &Block, limit: usize) -> Vec<Piece> {
    let levels: &[Level] = match block.kind {
        Kind::Heading(..) | Kind::Prose => {
            &[Level::Sentences, Level::Lines, Level::Words, Level::Characters]
        }
        Kind::Table(_) => &[Level::Lines, Level::Words, Level::Characters],
        Kind::Code => &[Level::Groups, Level::Lines, Level::Words, Level::Characters],
    };
    let mut pieces = Vec::new();
    cut_down(text, block.bytes.clone(), levels, limit, &mut pieces);
    pieces
}

fn cut_down(
    text: &str,
    bytes: Range<usize>,
    levels: &[Level],
    limit: usize,
    pieces: &mut Vec<Piece>,
) {
    let Some((level, finer)) = levels.split_first() else { return };
    for bytes in parts(text, bytes, *level, limit) {
        let tokens = most_tokens(text.get(bytes.clone()).unwrap_or_default(), limit);
        if tokens > limit && !finer.is_empty() {
            cut_down(text, bytes, finer, limit, pieces);
        } else {
            pieces.push(Piece { bytes, tokens });
        }
    }
}

/// The parts of a text at one level, one behind the other.
fn parts(text: &str, bytes: Range<usize>, level: Level, limit: usize) -> Vec<Range<usize>> {
    let inner = text.get(bytes.clone()).unwrap_or_default();
    let starts: Vec<usize> = match level {
        Level::Groups => groups(text, bytes.clone()),
        Level::Lines => lines::lines(text, bytes.clone()).map(|line| line.start).collect(),
        Level::Sentences => sentences(inner).into_iter().map(|at| bytes.start + at).collect(),
        Level::Words => words(inner).into_iter().map(|at| bytes.start + at).collect(),
        Level::Characters => {
            // A character has four bytes at most, and a token one at least.
            let step = (limit / 4).max(1);
            inner.char_indices().step_by(step).map(|(at, _)| bytes.start + at).collect()
        }
    };
    let mut parts = Vec::with_capacity(starts.len());
    let mut from = bytes.start;
    for at in starts.into_iter().filter(|at| *at > bytes.start) {
        parts.push(from..at);
        from = at;
    }
    parts.push(from..bytes.end);
    parts
}

/// Where lines begin that follow a blank one.
fn groups(text: &str, bytes: Range<usize>) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut after_blank = false;
    for line in lines::lines(text, bytes) {
        if after_blank && !line.is_blank() {
            starts.push(line.start);
        }
        after_blank = line.is_blank();
    }
    starts
}

/// Where sentences begin: behind a mark that ends one, what closes with it, and a blank. A mark of
/// a script without spaces needs no blank. These are Unicode's rules without their look ahead, whose
/// time is not in proportion to the text; a line break is a blank like others.
fn sentences(text: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut state = Sentence::Open;
    for (at, c) in text.char_indices() {
        state = match (state, c) {
            (Sentence::Spaced, c) if c.is_whitespace() => Sentence::Spaced,
            (Sentence::Spaced, c) if c.is_lowercase() => Sentence::Open,
            (Sentence::Spaced, _) | (Sentence::Over, _) if !closes(c) && !c.is_whitespace() => {
                starts.push(at);
                Sentence::after(c)
            }
            (Sentence::Ending | Sentence::Over, c) if closes(c) => state,
            (Sentence::Ending | Sentence::Over, c) if c.is_whitespace() => Sentence::Spaced,
            (_, c) => Sentence::after(c),
        };
    }
    starts
}

#[derive(Clone, Copy)]
enum Sentence {
    /// Within a sentence.
    Open,
    /// Behind a mark that ends one if a blank follows.
    Ending,
    /// Behind a mark that ends one.
    Over,
    /// Behind such a mark and a blank.
    Spaced,
}

impl Sentence {
    const fn after(c: char) -> Self {
        match c {
            '.' | '!' | '?' | '…' | '؟' | '۔' | '։' | '।' | '॥' | '‼' | '⁇' | '⁈' | '⁉' => {
                Self::Ending
            }
            '。' | '！' | '？' | '．' | '｡' | '။' | '។' | '៕' | '።' | '፧' => {
                Self::Over
            }
            _ => Self::Open,
        }
    }
}

/// Whether `c` belongs to the sentence that ended before it.
const fn closes(c: char) -> bool {
    matches!(
        c,
        ')' | ']'
            | '}'
            | '"'
            | '\''
            | '”'
            | '’'
            | '»'
            | '」'
            | '』'
            | '）'
            | '】'
            | '.'
            | '!'
            | '?'
            | '。'
            | '！'
            | '？'
    )
}

/// Where blanks begin: a word goes with the blanks before it, as tokens do.
fn words(text: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut in_blank = false;
    for (at, c) in text.char_indices() {
        if c.is_whitespace() && !in_blank {
            starts.push(at);
        }
        in_blank = c.is_whitespace();
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        let block = text.len();
        let mut starts = vec![0];
        starts.extend(sentences(text));
        starts.push(block);
        starts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect()
    }

    #[test]
    fn sentences_end_at_their_marks() {
        assert_eq!(split("One. Two! (Three?) four"), ["One. ", "Two! ", "(Three?) four"]);
        assert_eq!(
            split("See fig. 3 of e.g. the v1.2.3 file.\nNext"),
            ["See fig. ", "3 of e.g. the v1.2.3 file.\n", "Next"]
        );
        assert_eq!(split("東京。「大阪！」京都"), ["東京。", "「大阪！」", "京都"]);
    }
}
