//! The passages that a model is given: chunks of attached files, cut and ranked in memory, and what
//! was found in collections. They are numbered in the prompt; the numbers in an answer become
//! citations.

mod file;
mod rank;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vpaura_domain::{ChunkId, Citation, CollectionId, DocumentId, FileId, Hit, Quoted, Span};

pub(crate) use file::FilePassages;
pub(crate) use rank::{best, select};

/// Where a passage comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    /// An attached file.
    File(FileId),
    /// A collection.
    Chunk { collection_id: CollectionId, document_id: DocumentId, chunk_id: ChunkId },
}

/// A passage of a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Excerpt {
    pub(crate) source: Source,
    /// The document's name.
    pub(crate) document: Arc<str>,
    /// The headings above it, the outermost first.
    pub(crate) headings: Arc<[String]>,
    pub(crate) text: Arc<str>,
    /// Where it lies in its document.
    pub(crate) span: Span,
    /// How many characters its text begins with that stand elsewhere: the header rows of a table.
    pub(crate) repeated: u32,
    /// How many tokens it has.
    pub(crate) tokens: u32,
    /// How well it answers the question; only comparable within one ranking.
    pub(crate) score: f32,
}

/// The most characters of a passage that a citation quotes.
const MAX_QUOTE_CHARS: usize = 2_000;

impl Excerpt {
    /// The citation with the number `index` that points at this passage.
    pub(crate) fn citation(&self, index: u32) -> Citation {
        let (file_id, place) = match self.source {
            Source::File(id) => (Some(id), None),
            Source::Chunk { collection_id, document_id, chunk_id } => {
                (None, Some((collection_id, document_id, chunk_id)))
            }
        };
        Citation {
            index,
            file_id,
            document_id: place.map(|(_, document, _)| document),
            collection_id: place.map(|(collection, ..)| collection),
            chunk_id: place.map(|(.., chunk)| chunk),
            document: self.document.to_string(),
            headings: self.headings.to_vec(),
            quote: self.quote(),
            start: self.span.start,
            end: self.span.end,
            line_start: self.span.line_start,
            line_end: self.span.line_end,
            page_start: self.span.page_start,
            page_end: self.span.page_end,
            gone: false,
        }
    }

    /// What it was taken from.
    pub(crate) const fn quoted(&self) -> Quoted {
        match self.source {
            Source::File(id) => Quoted::File(id),
            Source::Chunk { document_id, .. } => Quoted::Document(document_id),
        }
    }

    /// What stands at its span, or a person put there.
    fn quote(&self) -> String {
        self.text.chars().skip(self.repeated as usize).take(MAX_QUOTE_CHARS).collect()
    }

    /// Where it lies in its document, in words.
    pub(crate) fn place(&self) -> String {
        let Span { line_start, line_end, page_start, page_end, .. } = self.span;
        match page_start.zip(page_end) {
            Some((first, last)) if first == last => format!("page {first}"),
            Some((first, last)) => format!("pages {first} to {last}"),
            None if line_start == line_end => format!("line {line_start}"),
            None => format!("lines {line_start} to {line_end}"),
        }
    }
}

/// How many characters of a text do not stand at its span.
fn repeated(text: &str, span: &Span) -> u32 {
    let own = span.end.saturating_sub(span.start);
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX).saturating_sub(own)
}

impl From<Hit> for Excerpt {
    fn from(hit: Hit) -> Self {
        let Hit { score, chunk, document, .. } = hit;
        let source = Source::Chunk {
            collection_id: document.collection_id,
            document_id: document.id,
            chunk_id: chunk.id,
        };
        // What a person wrote in the place of a passage stands for it, whole.
        let repeated = if chunk.edited { 0 } else { repeated(&chunk.text, &chunk.span) };
        Self {
            source,
            repeated,
            document: document.name.into(),
            headings: chunk.headings.into(),
            text: chunk.text.into(),
            span: chunk.span,
            tokens: chunk.tokens,
            score,
        }
    }
}
