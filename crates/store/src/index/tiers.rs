//! Which segments are merged: neighbours of about the same size, so that each chunk is written anew
//! a few times only, and few segments are left.

use std::ops::Range;

use super::SegmentHead;

/// The most numbers that a segment covers.
const SPAN: u32 = 65_536;
/// As many neighbours become one.
const FEWEST: usize = 8;
/// No more at once, so that a merge ends.
const MOST: usize = 256;
/// A segment with one dead chunk in so many is written anew.
const DEAD: u32 = 8;

/// The places of the segments to be merged, of a collection's live ones in order; `None` when all
/// is well.
pub(super) fn choose(heads: &[SegmentHead]) -> Option<Range<usize>> {
    let tallest = heads.iter().map(tier).max()?;
    (0..=tallest)
        .find_map(|highest| windows(heads, highest).find(|window| is_worth_it(heads, window)))
        .or_else(|| {
            let rotten =
                heads.iter().position(|head| head.dead > 0 && head.dead >= head.chunks / DEAD)?;
            Some(rotten..rotten + 1)
        })
}

/// Each tier is eight times as large as the one below.
fn tier(head: &SegmentHead) -> u32 {
    alive(head).max(1).ilog(8)
}

fn alive(head: &SegmentHead) -> u32 {
    head.chunks.saturating_sub(head.dead)
}

/// For each place the most segments from there on that could be one, none of them above this tier.
fn windows(heads: &[SegmentHead], highest: u32) -> impl Iterator<Item = Range<usize>> {
    (0..heads.len()).filter_map(move |begin| {
        let first = heads.get(begin)?.first_no;
        let rest = heads.iter().skip(begin).take(MOST);
        let fits = |head: &&SegmentHead| {
            tier(head) <= highest && end(head) - u64::from(first) <= u64::from(SPAN)
        };
        let count = rest.take_while(fits).count();
        (count > 1).then_some(begin..begin + count)
    })
}

/// Whether they are enough, or fill a segment, and none of them is most of it.
fn is_worth_it(heads: &[SegmentHead], window: &Range<usize>) -> bool {
    let Some(parts @ [first, .., last]) = heads.get(window.clone()) else { return false };
    let total: u64 = parts.iter().map(|head| u64::from(alive(head))).sum();
    let largest = parts.iter().map(alive).max().unwrap_or(0);
    let span = end(last) - u64::from(first.first_no);
    (parts.len() >= FEWEST || span > u64::from(SPAN / 2)) && total >= 2 * u64::from(largest)
}

/// One past the last number.
fn end(head: &SegmentHead) -> u64 {
    u64::from(head.first_no) + u64::from(head.span)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;
    use vpaura_domain::SegmentId;

    use super::*;

    fn heads(sizes: impl IntoIterator<Item = u32>) -> Vec<SegmentHead> {
        let mut first_no = 0;
        sizes
            .into_iter()
            .map(|size| {
                let head = SegmentHead {
                    id: SegmentId::from_uuid(Uuid::from_u128(first_no.into())),
                    first_no,
                    span: size,
                    chunks: size,
                    terms_total: 0,
                    dead: 0,
                    languages: String::new(),
                };
                first_no += size;
                head
            })
            .collect()
    }

    /// Merges until nothing is left to do; the sizes, and how many chunks were written.
    fn settle(mut sizes: Vec<u32>) -> (Vec<u32>, u64) {
        let mut written = 0;
        while let Some(window) = choose(&heads(sizes.iter().copied())) {
            let whole: u32 = sizes[window.clone()].iter().sum();
            written += u64::from(whole);
            sizes.splice(window, [whole]);
        }
        (sizes, written)
    }

    #[test]
    fn a_few_segments_are_left_alone() {
        assert_eq!(choose(&heads([5; 7])), None);
        assert_eq!(choose(&heads([5; 8])), Some(0..8));
        assert_eq!(choose(&heads([4_000, 5, 5, 5, 5, 5, 5, 5])), None, "most would be rewritten");
    }

    #[test]
    fn a_segment_with_many_dead_is_written_anew() {
        let mut all = heads([100, 100]);
        all[1].dead = 5;
        assert_eq!(choose(&all), None);
        all[1].dead = 13;
        assert_eq!(choose(&all), Some(1..2));
    }

    /// A hundred thousand chunks that come by ones, each merged when it can be.
    #[test]
    fn every_chunk_is_written_a_few_times_only() {
        let (mut sizes, mut written) = (Vec::new(), 0);
        for _ in 0..20_000 {
            sizes.push(5);
            let more;
            (sizes, more) = settle(sizes);
            written += more;
        }
        assert!(sizes.len() <= 40, "{sizes:?}");
        assert!(written <= 8 * 100_000, "{written}");
    }

    proptest! {
        #[test]
        fn what_is_left_is_little_and_fits(sizes in prop::collection::vec(1_u32..3_000, 1..400)) {
            let total: u64 = sizes.iter().map(|size| u64::from(*size)).sum();
            let (left, _) = settle(sizes);
            prop_assert!(left.iter().all(|size| *size <= SPAN));
            prop_assert_eq!(left.iter().map(|size| u64::from(*size)).sum::<u64>(), total);
            let most = 8 * 6 + 3 * total / u64::from(SPAN);
            prop_assert!((left.len() as u64) <= most, "{:?}", left);
        }
    }
}
