//! Cuts a text into chunks along its structure, sized in tokens.
//!
//! A text is read as **blocks**: headings, paragraphs, list items, tables, code ([`blocks`]). A
//! block that is too large for a chunk is cut at the coarsest places that do: sentences, lines,
//! words, characters ([`cut`]). Chunks are then packed of whole pieces, never across a heading, and
//! rather not across a page ([`pack`]). Where a block had to be cut, a chunk repeats the end of the
//! one before, and a table its header row.
//!
//! Tokens are those of the o200k vocabulary: exact for current OpenAI models and close for others;
//! embedders with small vocabularies count about a fifth more. Everything takes time in proportion
//! to the text, whatever the text is.

mod blocks;
mod cut;
mod lines;
mod pack;
mod place;

use serde::{Deserialize, Serialize};
use vpaura_domain::{Chunking, Span};

use crate::extract::Extracted;

/// The smallest chunk that can be asked for, in tokens.
const MIN_TOKENS: u32 = 16;

/// A chunk of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewChunk {
    /// What stands at its span, without blanks around it. Where a table was cut, its header rows
    /// stand in front: they are what the text is longer than the span, see [`own_text`].
    pub text: String,
    /// The headings above it and in it, the outermost first.
    pub headings: Vec<String>,
    /// Where it lies.
    pub span: Span,
    /// How many tokens its text has.
    pub tokens: u32,
}

/// The chunks of a text, in order; together they have every character that is not blank. None has
/// more than `chunking.max_tokens` tokens.
pub fn chunk(extracted: &Extracted, chunking: &Chunking) -> Vec<NewChunk> {
    let text = extracted.text.as_str();
    let max_tokens = chunking.max_tokens.max(MIN_TOKENS);
    let overlap = chunking.overlap_tokens.min(max_tokens / 2);
    let pages = place::page_bytes(text, &extracted.pages);
    let blocks = blocks::blocks(text, &extracted.format);
    let packed = pack::pack(text, &blocks, &pages, max_tokens as usize, overlap as usize);
    let mut placer = place::Placer::new(text, &extracted.pages);
    let with_span = |packed: pack::Packed| {
        let span = placer.span(packed.bytes.clone());
        let own = text.get(packed.bytes).unwrap_or_default();
        let text = match packed.header {
            Some(header) => format!("{}\n{own}", text.get(header).unwrap_or_default()),
            None => own.to_owned(),
        };
        let tokens = u32::try_from(packed.tokens).unwrap_or(u32::MAX);
        NewChunk { text, headings: packed.headings, span, tokens }
    };
    packed.into_iter().map(with_span).collect()
}

/// What of a chunk's text stands at its span: all of it but repeated header rows in front. Holds
/// for a text that no person changed.
pub fn own_text<'t>(text: &'t str, span: &Span) -> &'t str {
    let wanted = span.end.saturating_sub(span.start) as usize;
    let repeated = text.chars().count().saturating_sub(wanted);
    let at = text.char_indices().nth(repeated).map_or(text.len(), |(at, _)| at);
    text.get(at..).unwrap_or_default()
}

/// How many tokens `text` has.
pub fn count_tokens(text: &str) -> usize {
    bpe_openai::o200k_base().count(text)
}

/// The tokens of `text` as it stands, or without the blanks around it if these are more: a blank
/// can belong to a token that is two without it.
fn most_tokens(text: &str, limit: usize) -> usize {
    let tokens = count_tokens(text);
    let inner = text.trim();
    // A token has a byte at least: mostly this says enough.
    if inner.len() <= limit || inner.len() == text.len() {
        return tokens;
    }
    tokens.max(count_tokens(inner))
}

/// What an embedder reads of a chunk: the title of its document and the headings above it tell what
/// it is about. A heading that the text begins with is not repeated.
pub fn embedding_text(title: Option<&str>, headings: &[String], text: &str) -> String {
    let begins = text.trim_start_matches(['#', ' ']);
    let above = title.into_iter().chain(headings.iter().map(String::as_str));
    let mut whole = String::new();
    for heading in above.filter(|heading| !begins.starts_with(heading)) {
        whole.push_str(heading);
        whole.push('\n');
    }
    whole.push_str(text);
    whole
}

#[cfg(test)]
mod tests;
