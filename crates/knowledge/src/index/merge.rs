//! Makes one segment of several that stand side by side, without the chunks that are gone.

use std::collections::BTreeMap;

use super::postings::{Posting, PostingWriter, Postings};
use super::signatures::{Rows, Signatures};
use super::{BuiltSegment, IndexError, MAX_SPAN, lengths};
use crate::terms::LanguageSet;

/// A segment that is to be merged.
#[derive(Debug, Clone, Copy)]
pub struct MergePart<'a> {
    /// The first number of its range.
    pub first_no: u32,
    /// How many terms its chunks have together.
    pub terms_total: u64,
    /// About how many terms each chunk has, a byte for each number of its range.
    pub lengths: &'a [u8],
    /// The languages of its chunks, as it says them.
    pub languages: &'a str,
}

/// A merge under way: what is known before the posting lists are read, and how each list becomes.
/// The lists can be read and written in batches of terms, so that memory stays small.
#[derive(Debug)]
pub struct Merge {
    head: BuiltSegment,
    parts: Vec<PlacedPart>,
}

/// Where a part's chunks are in the merged segment.
#[derive(Debug)]
struct PlacedPart {
    offset: u32,
    alive: Vec<bool>,
}

impl Merge {
    /// Plans the merge of `parts`, in the order of their numbers. Chunks of which `alive` says no
    /// are left out.
    ///
    /// # Errors
    /// [`IndexError::Unmergeable`], when the parts overlap, are out of order, or cover too much.
    pub fn new(parts: &[MergePart<'_>], alive: impl Fn(u32) -> bool) -> Result<Self, IndexError> {
        let first_no = parts.first().map_or(0, |part| part.first_no);
        let refused = |why| IndexError::Unmergeable { first_no, why };
        let mut head = BuiltSegment { first_no, ..BuiltSegment::default() };
        let mut placed = Vec::with_capacity(parts.len());
        let mut languages = LanguageSet::default();
        for part in parts {
            let offset = part.first_no.checked_sub(first_no);
            let offset = offset.ok_or(refused("they are out of order"))?;
            if (offset as usize) < head.lengths.len() {
                return Err(refused("they overlap"));
            }
            if offset as usize + part.lengths.len() > MAX_SPAN as usize {
                return Err(refused("they cover too many numbers"));
            }
            // Numbers end with 32 bits; what would be beyond has no chunk.
            let numbers = (0..).map(|at: u32| part.first_no.checked_add(at));
            let kept: Vec<bool> = (part.lengths.iter().zip(numbers))
                .map(|(code, no)| *code > 0 && no.is_some_and(&alive))
                .collect();
            head.lengths.resize(offset as usize, 0);
            head.terms_total += part.terms_total;
            for (code, kept) in part.lengths.iter().zip(&kept) {
                head.lengths.push(if *kept { *code } else { 0 });
                head.chunks += u32::from(*kept);
                if !kept {
                    let gone = u64::from(lengths::decode(*code));
                    head.terms_total = head.terms_total.saturating_sub(gone);
                }
            }
            languages.extend(&LanguageSet::read(part.languages));
            placed.push(PlacedPart { offset, alive: kept });
        }
        head.span = u32::try_from(head.lengths.len()).unwrap_or(MAX_SPAN);
        // Lengths are known about: never so few that chunks would have none.
        head.terms_total = head.terms_total.max(u64::from(head.chunks));
        head.languages = languages.to_string();
        Ok(Self { head, parts: placed })
    }

    /// The merged segment, without its postings.
    pub const fn head(&self) -> &BuiltSegment {
        &self.head
    }

    /// The merged list of a term, from its lists in the parts, each with the part's place; none
    /// when no chunk that is left has the term.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], when a list cannot be read.
    pub fn list(&self, lists: &[(usize, &[u8])]) -> Result<Option<Vec<u8>>, IndexError> {
        let mut lists = lists.to_vec();
        lists.sort_unstable_by_key(|(part, _)| *part);
        let outside = IndexError::Damaged("a posting is outside its segment");
        let mut merged = PostingWriter::default();
        for (part, data) in lists {
            let part = self.parts.get(part).ok_or(outside.clone())?;
            let mut list = Postings::new(data)?;
            while let Some(posting) = list.next_posting()? {
                let alive = part.alive.get(usize::from(posting.ordinal)).ok_or(outside.clone())?;
                let ordinal = u16::try_from(part.offset + u32::from(posting.ordinal));
                if let (true, Ok(ordinal)) = (*alive, ordinal) {
                    merged.push(Posting { ordinal, count: posting.count });
                }
            }
        }
        Ok(if merged.is_empty() { None } else { Some(merged.finish()) })
    }
}

/// Merges whole segments at once; see [`Merge`] for large ones.
///
/// # Errors
/// As [`Merge::new`] and [`Merge::list`].
pub fn merge_segments(
    parts: &[BuiltSegment],
    alive: impl Fn(u32) -> bool,
) -> Result<BuiltSegment, IndexError> {
    let views: Vec<MergePart<'_>> = parts
        .iter()
        .map(|part| MergePart {
            first_no: part.first_no,
            terms_total: part.terms_total,
            lengths: &part.lengths,
            languages: &part.languages,
        })
        .collect();
    let merge = Merge::new(&views, alive)?;
    let mut lists: BTreeMap<&str, Vec<(usize, &[u8])>> = BTreeMap::new();
    for (index, part) in parts.iter().enumerate() {
        for (term, data) in &part.postings {
            lists.entry(term).or_default().push((index, data));
        }
    }
    let mut merged = merge.head().clone();
    for (term, lists) in lists {
        if let Some(list) = merge.list(&lists)? {
            merged.postings.push((term.to_owned(), list));
        }
    }
    Ok(merged)
}

/// The signatures of a merged segment, whose range begins at `first_no` and has `span` numbers,
/// from those of its parts.
///
/// # Errors
/// [`IndexError::Damaged`] when stored bytes cannot be signatures, [`IndexError::Dimension`] when
/// parts have vectors of different dimensions.
pub fn merge_signatures(
    first_no: u32,
    span: u32,
    parts: &[Signatures<'_>],
    alive: impl Fn(u32) -> bool,
) -> Result<Vec<u8>, IndexError> {
    let widths = parts.iter().map(|part| part.rows().map(|(_, row)| row));
    let row = widths.collect::<Result<Vec<_>, _>>()?.into_iter().max().unwrap_or_default();
    let mut merged = Rows::new(span, row / 8);
    for part in parts {
        let (rows, width) = part.rows()?;
        // A part without vectors has rows of no width.
        if width == 0 {
            continue;
        }
        if width != row {
            return Err(IndexError::Dimension { expected: row * 8, found: width * 8 });
        }
        for (ordinal, signature) in rows.chunks_exact(row).enumerate() {
            let no = u32::try_from(ordinal).ok().and_then(|at| part.first_no.checked_add(at));
            let place = no.and_then(|no| Some((no, no.checked_sub(first_no)?)));
            if let Some((no, place)) = place
                && part.has(ordinal)
                && alive(no)
            {
                merged.put(place as usize, signature);
            }
        }
    }
    Ok(merged.finish())
}
