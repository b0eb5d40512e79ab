//! Splits a text into passages: at headings and blank lines, small neighbours joined, large
//! blocks cut at line, then sentence, then character boundaries.

use std::sync::Arc;

use unicode_segmentation::UnicodeSegmentation;
use vpaura_domain::FileId;

use super::Excerpt;

/// Passages aim at this many characters, a paragraph or so: small enough that a citation points at
/// what was meant, large enough to be understood alone.
const TARGET_CHARS: usize = 240;
/// No passage has more.
const MAX_CHARS: usize = 1_200;

/// A run of whole pieces of the text: where it lies in bytes, characters and lines.
#[derive(Clone, Copy)]
struct Span {
    bytes: (usize, usize),
    chars: (usize, usize),
    lines: (usize, usize),
}

/// The passages of `text`, in order, together covering every non-blank character.
pub(crate) fn split(file_id: FileId, document: &str, text: &str) -> Vec<Excerpt> {
    let document: Arc<str> = document.into();
    let mut passages = Vec::new();
    let mut open: Option<Span> = None;
    for piece in pieces(text) {
        let chars = piece.chars.1 - piece.chars.0;
        let heading = text[piece.bytes.0..piece.bytes.1].starts_with('#');
        open = match open {
            Some(span) if !heading && span.chars.1 - span.chars.0 + chars <= TARGET_CHARS => {
                Some(Span {
                    bytes: (span.bytes.0, piece.bytes.1),
                    chars: (span.chars.0, piece.chars.1),
                    lines: (span.lines.0, piece.lines.1),
                })
            }
            Some(span) => {
                passages.extend(excerpt(file_id, &document, text, span));
                Some(piece)
            }
            None => Some(piece),
        };
    }
    if let Some(span) = open {
        passages.extend(excerpt(file_id, &document, text, span));
    }
    passages
}

fn excerpt(file_id: FileId, document: &Arc<str>, text: &str, span: Span) -> Option<Excerpt> {
    let whole = &text[span.bytes.0..span.bytes.1];
    let lead: usize = whole.chars().take_while(|c| c.is_whitespace()).count();
    let lead_lines = whole.chars().take(lead).filter(|&c| c == '\n').count();
    let tail: usize = whole.chars().rev().take_while(|c| c.is_whitespace()).count();
    let trimmed = whole.trim();
    if trimmed.is_empty() {
        return None;
    }
    let line_start = span.lines.0 + lead_lines;
    let line_end = line_start + trimmed.matches('\n').count();
    Some(Excerpt {
        file_id,
        document: Arc::clone(document),
        text: trimmed.into(),
        start: clamp(span.chars.0 + lead),
        end: clamp(span.chars.1 - tail),
        line_start: clamp(line_start),
        line_end: clamp(line_end),
        score: 0.0,
    })
}

fn clamp(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The text in consecutive pieces of at most [`MAX_CHARS`] characters: paragraphs where they are
/// short enough, else lines, else sentences, else runs of characters.
fn pieces(text: &str) -> Vec<Span> {
    let mut pieces = Vec::new();
    let mut place = Span { bytes: (0, 0), chars: (0, 0), lines: (1, 1) };
    let mut push = |piece: &str| {
        let (bytes, chars) = (piece.len(), piece.chars().count());
        let lines = piece.matches('\n').count();
        let span = Span {
            bytes: (place.bytes.1, place.bytes.1 + bytes),
            chars: (place.chars.1, place.chars.1 + chars),
            lines: (place.lines.1, place.lines.1 + lines),
        };
        pieces.push(span);
        place = span;
    };
    for paragraph in paragraphs(text) {
        if paragraph.chars().count() <= MAX_CHARS {
            push(paragraph);
            continue;
        }
        for line in paragraph.split_inclusive('\n') {
            if line.chars().count() <= MAX_CHARS {
                push(line);
                continue;
            }
            for sentence in line.split_sentence_bounds() {
                let mut rest = sentence;
                while !rest.is_empty() {
                    let end = rest.char_indices().nth(MAX_CHARS).map_or(rest.len(), |(i, _)| i);
                    push(&rest[..end]);
                    rest = &rest[end..];
                }
            }
        }
    }
    pieces
}

/// The text cut after blank lines and before Markdown headings; nothing is left out.
fn paragraphs(text: &str) -> Vec<&str> {
    let mut paragraphs = Vec::new();
    let (mut start, mut at, mut after_blank) = (0, 0, false);
    for line in text.split_inclusive('\n') {
        let blank = line.trim().is_empty();
        if at > start && ((after_blank && !blank) || line.starts_with('#')) {
            paragraphs.push(&text[start..at]);
            start = at;
        }
        after_blank = blank;
        at += line.len();
    }
    if at > start {
        paragraphs.push(&text[start..at]);
    }
    paragraphs
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vpaura_domain::{IdGen, SequentialIds};

    fn id() -> FileId {
        FileId::from_uuid(SequentialIds::default().uuid())
    }

    #[test]
    fn headings_begin_passages_and_lines_are_counted() {
        let text = "# One\n\nalpha\n\n# Two\n\nbeta\ngamma\n";
        let passages = split(id(), "a.md", text);
        let got: Vec<_> = passages.iter().map(|p| (&*p.text, p.line_start, p.line_end)).collect();
        assert_eq!(got, [("# One\n\nalpha", 1, 3), ("# Two\n\nbeta\ngamma", 5, 8)]);
    }

    proptest! {
        #[test]
        fn every_span_is_the_passage_and_nothing_is_lost(
            text in "([a-zé漢 .#]{0,40}\n{0,3}){0,30}[a-z]{0,4000}"
        ) {
            let chars: Vec<char> = text.chars().collect();
            let mut covered = String::new();
            for passage in split(id(), "t", &text) {
                let span: String =
                    chars[passage.start as usize..passage.end as usize].iter().collect();
                prop_assert_eq!(&span, &*passage.text);
                prop_assert!(span.chars().count() <= MAX_CHARS);
                let line = text.lines().nth(passage.line_start as usize - 1).unwrap_or("");
                prop_assert!(line.contains(span.lines().next().unwrap_or("")));
                covered.push_str(&span);
            }
            let squeeze = |s: &str| s.split_whitespace().collect::<String>();
            prop_assert_eq!(squeeze(&covered), squeeze(&text));
        }
    }
}
