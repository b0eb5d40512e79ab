//! The index over chunks that become visible together.

use vpaura_domain::SegmentId;
use vpaura_knowledge::index::{BuiltSegment, MAX_SPAN, SegmentBuilder};
use vpaura_knowledge::terms::{Language, document_terms};
use vpaura_store::{NewSegment, NewVectors};

use crate::{Error, Result};

/// A chunk as the index takes it.
#[derive(Clone, Copy)]
pub(crate) struct IndexedText<'a> {
    /// Its words.
    pub(crate) text: &'a str,
    /// The headings above it.
    pub(crate) headings: &'a [String],
    /// What its document is called.
    pub(crate) title: &'a str,
    /// The document's language.
    pub(crate) language: Language,
}

/// The segment of chunks that are counted from `first` on.
pub(crate) fn build_segment<'a>(
    first: u32,
    chunks: impl Iterator<Item = IndexedText<'a>>,
) -> Result<BuiltSegment> {
    let mut builder = SegmentBuilder::new(first);
    for (no, chunk) in (first..).zip(chunks) {
        let IndexedText { text, headings, title, language } = chunk;
        let terms = document_terms(text, headings, Some(title), language);
        let added = builder.add(no, &terms, language);
        added.map_err(|error| Error::Internal(format!("indexing: {error}")))?;
    }
    Ok(builder.finish())
}

/// The segments of these chunks: of as many as one can have each.
pub(super) fn build_segments(chunks: &[IndexedText<'_>]) -> Result<Vec<BuiltSegment>> {
    let firsts = (0..).step_by(MAX_SPAN as usize);
    let parts = firsts.zip(chunks.chunks(MAX_SPAN as usize));
    parts.map(|(first, part)| build_segment(first, part.iter().copied())).collect()
}

/// The segment as it is stored, with its vectors.
pub(crate) fn new_segment(
    id: SegmentId,
    built: BuiltSegment,
    vectors: Vec<NewVectors>,
) -> NewSegment {
    NewSegment {
        id,
        first: built.first_no,
        span: built.span,
        chunks: built.chunks,
        terms_total: built.terms_total,
        languages: built.languages,
        lengths: built.lengths,
        postings: built.postings,
        vectors,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_chunks_than_a_segment_has_make_several() {
        let chunk =
            IndexedText { text: "word", headings: &[], title: "t", language: Language::UNKNOWN };
        let ranges = |count: u32| -> Vec<(u32, u32)> {
            let chunks = vec![chunk; count as usize];
            let built = build_segments(&chunks).expect("nothing refuses them");
            built.iter().map(|segment| (segment.first_no, segment.span)).collect()
        };
        assert_eq!(ranges(0), []);
        assert_eq!(ranges(MAX_SPAN), [(0, MAX_SPAN)]);
        assert_eq!(ranges(MAX_SPAN + 2), [(0, MAX_SPAN), (MAX_SPAN, 2)]);
    }
}
