//! Makes a segment of chunks' terms.

use std::collections::HashMap;

use super::postings::{Posting, PostingWriter};
use super::{IndexError, lengths};
use crate::terms::{Language, LanguageSet};

/// The most numbers that a segment covers.
pub const MAX_SPAN: u32 = 65_536;

/// A segment, ready to be stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuiltSegment {
    /// The first number of its range.
    pub first_no: u32,
    /// How many numbers the range has, at most [`MAX_SPAN`].
    pub span: u32,
    /// How many of them have a chunk.
    pub chunks: u32,
    /// How many terms its chunks have together.
    pub terms_total: u64,
    /// About how many terms each chunk has, a byte for each number.
    pub lengths: Vec<u8>,
    /// The languages of its chunks, as [`LanguageSet`] writes them.
    pub languages: String,
    /// Its terms in order, each with its posting list.
    pub postings: Vec<(String, Vec<u8>)>,
}

/// Collects chunks into a segment.
#[derive(Debug, Default)]
pub struct SegmentBuilder {
    first_no: u32,
    chunks: u32,
    terms_total: u64,
    lengths: Vec<u8>,
    languages: LanguageSet,
    postings: HashMap<String, PostingWriter>,
}

impl SegmentBuilder {
    /// Begins a segment whose numbers begin at `first_no`.
    pub fn new(first_no: u32) -> Self {
        Self { first_no, ..Self::default() }
    }

    /// Adds the chunk `no`, which is above those added before, with its terms, repeated as often as
    /// they occur.
    ///
    /// # Errors
    /// [`IndexError::Number`], when `no` is not in order or too far from the first.
    pub fn add(&mut self, no: u32, terms: &[String], language: Language) -> Result<(), IndexError> {
        let refused = IndexError::Number { no, first_no: self.first_no };
        let ordinal = no.checked_sub(self.first_no).and_then(|at| u16::try_from(at).ok());
        let ordinal = ordinal.ok_or(refused.clone())?;
        if usize::from(ordinal) < self.lengths.len() {
            return Err(refused);
        }
        self.lengths.resize(usize::from(ordinal), 0);
        self.lengths.push(lengths::encode(u32::try_from(terms.len()).unwrap_or(u32::MAX)));
        self.chunks += 1;
        self.terms_total += terms.len() as u64;
        self.languages.add(language, 1);
        let mut counts: HashMap<&str, u32> = HashMap::with_capacity(terms.len());
        for term in terms {
            *counts.entry(term).or_default() += 1;
        }
        for (term, count) in counts {
            let posting = Posting { ordinal, count };
            match self.postings.get_mut(term) {
                Some(list) => list.push(posting),
                None => {
                    let mut list = PostingWriter::default();
                    list.push(posting);
                    self.postings.insert(term.to_owned(), list);
                }
            }
        }
        Ok(())
    }

    /// The segment.
    pub fn finish(self) -> BuiltSegment {
        let mut postings: Vec<_> =
            self.postings.into_iter().map(|(term, list)| (term, list.finish())).collect();
        postings.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        BuiltSegment {
            first_no: self.first_no,
            // At most `MAX_SPAN`: an ordinal has 16 bits.
            span: u32::try_from(self.lengths.len()).unwrap_or(MAX_SPAN),
            chunks: self.chunks,
            terms_total: self.terms_total,
            lengths: self.lengths,
            languages: self.languages.to_string(),
            postings,
        }
    }
}
