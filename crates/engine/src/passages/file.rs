//! An attached file, cut into passages, with an index of their words.

use std::sync::Arc;

use vpaura_domain::{Chunking, FileId};
use vpaura_knowledge::chunk::chunk;
use vpaura_knowledge::extract::Extracted;
use vpaura_knowledge::index::{BuiltSegment, IndexError, MAX_SPAN, SegmentBuilder};
use vpaura_knowledge::terms::{Language, document_terms};

use super::{Excerpt, Source, repeated};

/// Small enough that a citation points at what was meant, large enough to be understood alone.
/// Nothing is repeated: a file that fits is given whole.
const CHUNKING: Chunking = Chunking { max_tokens: 128, overlap_tokens: 0 };

/// A file's passages.
#[derive(Debug)]
pub(crate) struct FilePassages {
    /// In order, together the whole text.
    pub(crate) excerpts: Vec<Excerpt>,
    /// The index of their words; the number of a passage is its place among all.
    pub(super) segments: Vec<BuiltSegment>,
}

impl FilePassages {
    /// Cuts the text of a file.
    ///
    /// # Errors
    /// None that a text could cause.
    pub(crate) fn cut(id: FileId, name: &str, extracted: &Extracted) -> Result<Self, IndexError> {
        let document: Arc<str> = name.into();
        let language = Language::detect(&extracted.text);
        let title = extracted.title.as_deref();
        let mut excerpts = Vec::new();
        let mut segments = Vec::new();
        let mut open = SegmentBuilder::new(0);
        for (no, chunk) in (0_u32..).zip(chunk(extracted, &CHUNKING)) {
            if no > 0 && no.is_multiple_of(MAX_SPAN) {
                segments.push(std::mem::replace(&mut open, SegmentBuilder::new(no)).finish());
            }
            open.add(no, &document_terms(&chunk.text, &chunk.headings, title, language), language)?;
            excerpts.push(Excerpt {
                repeated: repeated(&chunk.text, &chunk.span),
                source: Source::File(id),
                document: Arc::clone(&document),
                headings: chunk.headings.into(),
                text: chunk.text.into(),
                span: chunk.span,
                tokens: chunk.tokens,
                score: 0.0,
            });
        }
        segments.push(open.finish());
        Ok(Self { excerpts, segments })
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        const AROUND: usize = 160;
        let texts: usize = self.excerpts.iter().map(|it| it.text.len() + AROUND).sum();
        let lists = self.segments.iter().flat_map(|segment| &segment.postings);
        texts + lists.map(|(term, list)| term.len() + list.len() + AROUND / 2).sum::<usize>()
    }
}
