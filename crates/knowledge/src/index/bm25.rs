//! BM25 over many segments with the statistics of all of them together.
//! (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009.)

use std::cmp::Ordering;
use std::collections::HashMap;

use super::no_set::allowed_ordinals;
use super::postings::Postings;
use super::top::Top;
use super::{IndexError, NoSet, lengths};
use crate::terms::{QueryTerms, QueryWord};

/// How soon more of the same term stops to count.
pub(super) const K1: f32 = 1.5;
/// How much a long chunk is held against it, 0 to 1.
pub(super) const B: f32 = 0.75;

/// What scoring needs to know of a segment.
#[derive(Debug, Clone, Copy)]
pub struct SegmentStats<'a> {
    /// The first number of its range.
    pub first_no: u32,
    /// How many chunks it has.
    pub chunks: u32,
    /// How many terms its chunks have together.
    pub terms_total: u64,
    /// About how many terms each chunk has, a byte for each number of its range.
    pub lengths: &'a [u8],
    /// Which numbers may be found; all without a set.
    pub allowed: Option<&'a NoSet>,
}

/// The posting list of a term in a segment.
#[derive(Debug, Clone, Copy)]
pub struct PostingList<'a> {
    /// The segment's place among those that are searched.
    pub segment: usize,
    /// The term.
    pub term: &'a str,
    /// The list, as it is stored.
    pub data: &'a [u8],
}

/// A chunk that was found by its words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// The segment's place among those that are searched.
    pub segment: usize,
    /// The chunk's number.
    pub no: u32,
    /// How well it fits, above 0.
    pub score: f32,
}

impl Eq for Scored {}

/// The better one first; of equals the one that was there first.
impl Ord for Scored {
    fn cmp(&self, other: &Self) -> Ordering {
        let place = (self.segment, self.no).cmp(&(other.segment, other.no));
        other.score.total_cmp(&self.score).then(place)
    }
}

impl PartialOrd for Scored {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The `n` chunks of `segments` that fit `query` best, the best first. `postings` are the lists of
/// the query's terms; those of other terms or segments do not matter.
///
/// # Errors
/// [`IndexError::Damaged`], when a list cannot be read.
pub fn bm25(
    query: &QueryTerms,
    segments: &[SegmentStats<'_>],
    postings: &[PostingList<'_>],
    n: usize,
) -> Result<Vec<Scored>, IndexError> {
    let chunks: f32 = segments.iter().map(|segment| segment.chunks as f32).sum();
    let terms: f32 = segments.iter().map(|segment| segment.terms_total as f32).sum();
    let average = (terms / chunks.max(1.0)).max(1.0);
    let words = wanted(query, segments.len(), chunks, postings)?;
    let mut top = Top::new(n);
    let mut scores = Vec::new();
    for (index, segment) in segments.iter().enumerate() {
        let lists = words.iter().filter_map(|word| Some((word.weight, word.lists.get(&index)?)));
        let norms: [f32; 256] = std::array::from_fn(|code| {
            let length = lengths::decode(u8::try_from(code).unwrap_or(u8::MAX)) as f32;
            K1 * (1.0 - B + B * length / average)
        });
        scores.clear();
        scores.resize(segment.lengths.len(), 0.0);
        let mut any = false;
        for (weight, lists) in lists {
            any = true;
            add_word(&mut scores, segment.lengths, &norms, weight, lists)?;
        }
        if any {
            collect(&mut top, index, segment, &scores);
        }
    }
    Ok(top.into_sorted())
}

/// A word of the query that some chunk has.
struct Wanted<'a> {
    /// What a chunk gets that has it endlessly often.
    weight: f32,
    /// The lists of its variants, by segment.
    lists: HashMap<usize, Vec<Postings<'a>>>,
}

fn wanted<'a>(
    query: &QueryTerms,
    segments: usize,
    chunks: f32,
    postings: &[PostingList<'a>],
) -> Result<Vec<Wanted<'a>>, IndexError> {
    let mut by_term: HashMap<&str, Vec<&PostingList<'a>>> = HashMap::new();
    for list in postings.iter().filter(|list| list.segment < segments) {
        by_term.entry(list.term).or_default().push(list);
    }
    let of_word = |word: &QueryWord| {
        let mut lists: HashMap<usize, Vec<Postings<'a>>> = HashMap::new();
        let mut having = 0.0;
        for list in word.variants.iter().filter_map(|term| by_term.get(term.as_str())).flatten() {
            let read = Postings::new(list.data)?;
            having += read.len() as f32;
            lists.entry(list.segment).or_default().push(read);
        }
        // A chunk may have several variants, so this is the most that have the word.
        let having = having.min(chunks);
        let rarity = (1.0 + (chunks - having + 0.5) / (having + 0.5)).ln();
        Ok(Wanted { weight: word.weight * rarity * (K1 + 1.0), lists })
    };
    query.words.iter().map(of_word).collect()
}

/// Adds what the chunks of a segment get for a word.
fn add_word(
    scores: &mut [f32],
    lengths: &[u8],
    norms: &[f32; 256],
    weight: f32,
    lists: &[Postings<'_>],
) -> Result<(), IndexError> {
    let outside = IndexError::Damaged("a posting is outside its segment");
    let mut add = |ordinal: u16, count: f32| {
        let at = usize::from(ordinal);
        let (Some(score), Some(length)) = (scores.get_mut(at), lengths.get(at)) else {
            return false;
        };
        *score += weight * count / (count + norms[usize::from(*length)]);
        true
    };
    if let [list] = lists {
        let mut list = list.clone();
        while let Some(posting) = list.next_posting()? {
            if !add(posting.ordinal, posting.count as f32) {
                return Err(outside);
            }
        }
        return Ok(());
    }
    let mut counts: HashMap<u16, f32> = HashMap::new();
    for mut list in lists.iter().cloned() {
        while let Some(posting) = list.next_posting()? {
            *counts.entry(posting.ordinal).or_default() += posting.count as f32;
        }
    }
    for (ordinal, count) in counts {
        if !add(ordinal, count) {
            return Err(outside);
        }
    }
    Ok(())
}

/// Shows the chunks of a segment that have a score and may be found to `top`.
fn collect(top: &mut Top<Scored>, index: usize, segment: &SegmentStats<'_>, scores: &[f32]) {
    let floor_of = |top: &Top<Scored>| top.worst().map_or(0.0, |worst| worst.score);
    let mut floor = floor_of(top);
    for range in allowed_ordinals(segment.allowed, segment.first_no, scores.len()) {
        let start = range.start;
        for (at, &score) in scores.get(range).unwrap_or_default().iter().enumerate() {
            if score > floor {
                let ordinal = u32::try_from(start + at).unwrap_or(u32::MAX);
                let no = segment.first_no.saturating_add(ordinal);
                top.push(Scored { segment: index, no, score });
                floor = floor_of(top);
            }
        }
    }
}
