//! Sets of chunk numbers.

use std::ops::Range;

/// Which chunk numbers of a collection may be found: ranges, in order and apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoSet(Vec<Range<u32>>);

impl NoSet {
    /// The numbers in any of `ranges`.
    pub fn new(ranges: impl IntoIterator<Item = Range<u32>>) -> Self {
        let mut sorted: Vec<_> = ranges.into_iter().filter(|range| !range.is_empty()).collect();
        sorted.sort_unstable_by_key(|range| range.start);
        let mut apart: Vec<Range<u32>> = Vec::with_capacity(sorted.len());
        for range in sorted {
            match apart.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => apart.push(range),
            }
        }
        Self(apart)
    }

    /// Whether it has no number.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many numbers it has.
    pub fn len(&self) -> u64 {
        self.0.iter().map(|range| u64::from(range.end - range.start)).sum()
    }

    /// Whether it has `no`.
    pub fn contains(&self, no: u32) -> bool {
        let behind = self.0.partition_point(|range| range.end <= no);
        self.0.get(behind).is_some_and(|range| range.start <= no)
    }

    /// Its numbers from `first` on, `span` at most, as distances from `first`.
    pub(super) fn within(&self, first: u32, span: usize) -> impl Iterator<Item = Range<usize>> {
        let end = u64::from(first) + span as u64;
        let behind = self.0.partition_point(|range| range.end <= first);
        let rest = self.0.get(behind..).unwrap_or_default();
        rest.iter().take_while(move |range| u64::from(range.start) < end).map(move |range| {
            let from = range.start.saturating_sub(first) as usize;
            from..((range.end - first) as usize).min(span)
        })
    }
}

impl FromIterator<u32> for NoSet {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        Self::new(numbers.into_iter().filter_map(|no| Some(no..no.checked_add(1)?)))
    }
}

/// The ordinals of a segment that may be found: all of them without a set.
pub(super) fn allowed_ordinals(
    allowed: Option<&NoSet>,
    first_no: u32,
    span: usize,
) -> impl Iterator<Item = Range<usize>> {
    let all = allowed.is_none().then_some(0..span);
    all.into_iter().chain(allowed.into_iter().flat_map(move |set| set.within(first_no, span)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn a_set_has_what_its_ranges_have(
            ranges in prop::collection::vec((0_u32..200, 0_u32..20), 0..20),
            first in 0_u32..250,
            span in 0_usize..100,
        ) {
            let ranges: Vec<_> = ranges.into_iter().map(|(at, len)| at..at + len).collect();
            let plain: BTreeSet<u32> = ranges.iter().cloned().flatten().collect();
            let set = NoSet::new(ranges);
            prop_assert_eq!(set.len(), plain.len() as u64);
            prop_assert!((0..250).all(|no| set.contains(no) == plain.contains(&no)));
            let within: Vec<u32> =
                set.within(first, span).flatten().map(|at| first + at as u32).collect();
            let expected: Vec<u32> =
                plain.iter().copied().filter(|no| (first..first + span as u32).contains(no)).collect();
            prop_assert_eq!(within, expected);
            prop_assert_eq!(plain.into_iter().collect::<NoSet>(), set);
        }
    }
}
