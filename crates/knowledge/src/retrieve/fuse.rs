//! Puts what was found by words and what was found by meaning into one order.

use std::collections::HashMap;
use std::hash::Hash;

/// A candidate of either list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fused<K> {
    /// Which it is.
    pub key: K,
    /// Its score by words, where it was found by them.
    pub bm25: Option<f32>,
    /// Its score by meaning, where it was found by it.
    pub vector: Option<f32>,
    /// Both together, from 0 to 1: a half is what the usual candidate of this query has.
    pub fused: f32,
}

/// Fuses two lists, each with the best first and cut off at `limit`. With one of them empty, the
/// order is the other's.
///
/// Each score counts by how many standard deviations it lies above the mean of all candidates, and
/// both count the same. So a way of searching has a say where it tells candidates apart: a word
/// that a single chunk has outweighs any likeness, and words that all have equally outweigh none.
/// Ranks cannot tell these cases, since somebody is always first. (On scores against ranks: Bruch,
/// Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", 2023.)
pub fn fuse<K: Copy + Eq + Hash>(
    bm25: &[(K, f32)],
    vector: &[(K, f32)],
    limit: usize,
) -> Vec<Fused<K>> {
    let found = candidates(bm25, vector);
    let places = found.len().max(limit);
    // No word fits what a list that was not cut off lacks; else it fits no better than the last.
    let none = if bm25.len() < limit { 0.0 } else { least(bm25) };
    let by_words = Scale::of(found.iter().map(|it| it.bm25), none, places);
    let by_meaning = Scale::of(found.iter().map(|it| it.vector), least(vector), places);
    let mut ranked: Vec<(f64, Fused<K>)> = found
        .into_iter()
        .map(|it| (f64::midpoint(by_words.place(it.bm25), by_meaning.place(it.vector)), it))
        .collect();
    // Stable: of equals, those found by words come first.
    ranked.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let shown = |(place, it): (f64, Fused<K>)| Fused { fused: logistic(place) as f32, ..it };
    ranked.into_iter().map(shown).collect()
}

/// All of both lists once, those found by words first.
fn candidates<K: Copy + Eq + Hash>(bm25: &[(K, f32)], vector: &[(K, f32)]) -> Vec<Fused<K>> {
    let mut all: Vec<Fused<K>> = Vec::with_capacity(bm25.len() + vector.len());
    let mut places: HashMap<K, usize> = HashMap::with_capacity(all.capacity());
    for (list, is_vector) in [(bm25, false), (vector, true)] {
        for (key, score) in list {
            let place = *places.entry(*key).or_insert(all.len());
            if place == all.len() {
                all.push(Fused { key: *key, bm25: None, vector: None, fused: 0.0 });
            }
            let Some(candidate) = all.get_mut(place) else { continue };
            let part = if is_vector { &mut candidate.vector } else { &mut candidate.bm25 };
            // Of a key that a list has twice, the better place counts.
            part.get_or_insert(*score);
        }
    }
    all
}

fn least<K>(list: &[(K, f32)]) -> f32 {
    list.iter().map(|(_, score)| *score).reduce(f32::min).unwrap_or_default()
}

/// Where the scores of one list lie.
struct Scale {
    mean: f64,
    deviation: f64,
    none: f64,
}

impl Scale {
    /// The scale of these scores, with `none` for what has no score, also at the places that are
    /// left: else a few candidates that hardly differ would look far apart.
    fn of(scores: impl Iterator<Item = Option<f32>> + Clone, none: f32, places: usize) -> Self {
        let none = f64::from(none);
        // What is at `none` adds nothing to either sum.
        let above = || scores.clone().flatten().map(|score| f64::from(score) - none);
        let places = places.max(1) as f64;
        let mean = above().sum::<f64>() / places;
        let square = above().map(|it| it * it).sum::<f64>() / places;
        Self { mean: none + mean, deviation: (square - mean * mean).max(0.0).sqrt(), none }
    }

    /// How many standard deviations above the mean; 0 where all are equal.
    fn place(&self, score: Option<f32>) -> f64 {
        let above = score.map_or(self.none, f64::from) - self.mean;
        // Less is rounding: the scores have seven digits.
        if self.deviation > 1e-6 { above / self.deviation } else { 0.0 }
    }
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 100;

    fn keys<K: Copy>(fused: &[Fused<K>]) -> Vec<K> {
        fused.iter().map(|hit| hit.key).collect()
    }

    #[test]
    fn what_both_find_comes_before_what_one_finds() {
        let fused = fuse(&[('a', 9.0), ('b', 8.0)], &[('c', 0.9), ('b', 0.8), ('d', 0.1)], LIMIT);
        assert_eq!(keys(&fused), ['b', 'c', 'a', 'd']);
        assert_eq!((fused[0].bm25, fused[0].vector), (Some(8.0), Some(0.8)));
        assert_eq!((fused[2].bm25, fused[2].vector), (Some(9.0), None));
    }

    #[test]
    fn one_list_alone_keeps_its_order() {
        let list = [('x', 3.0), ('y', 2.0), ('z', 1.0)];
        for limit in [2, 3, LIMIT] {
            assert_eq!(keys(&fuse(&list, &[], limit)), ['x', 'y', 'z']);
            assert_eq!(keys(&fuse(&[], &list, limit)), ['x', 'y', 'z']);
        }
        assert!(fuse::<char>(&[], &[], LIMIT).is_empty());
    }

    #[test]
    fn a_word_that_only_one_has_outweighs_any_likeness() {
        // The one with the word is the least like the query, or not among the nearest at all.
        for near in [2, 3, 10, 100] {
            let likeness = |place: u16| 0.9 - 0.8 * f32::from(place) / f32::from(near);
            let vector: Vec<(u16, f32)> = (1..=near).map(|key| (key, likeness(key))).collect();
            for key in [near, 1_000] {
                let fused = fuse(&[(key, 2.5)], &vector, LIMIT);
                assert_eq!(fused[0].key, key, "of {near}");
                assert_eq!(fused[1].key, 1, "of {near}");
            }
        }
    }

    #[test]
    fn words_that_all_have_leave_it_to_the_meaning() {
        let words: Vec<(u8, f32)> = (0..100).map(|key| (key, 1.0)).collect();
        let meaning: Vec<(u8, f32)> =
            (0..100).rev().map(|key| (key, f32::from(key) / 200.0)).collect();
        assert_eq!(keys(&fuse(&words, &meaning, LIMIT))[..3], [99, 98, 97]);
    }

    #[test]
    fn the_unit_of_either_score_does_not_matter() {
        let words = [(1, 7.0), (2, 5.0), (3, 1.0)];
        let meaning = [(3, 0.8), (2, 0.7), (4, 0.2)];
        let larger: Vec<(i32, f32)> =
            words.iter().map(|(key, score)| (*key, score * 64.0)).collect();
        let all = fuse(&words, &meaning, LIMIT);
        let other = fuse(&larger, &meaning, LIMIT);
        assert_eq!(keys(&all), keys(&other));
        for (one, other) in all.iter().zip(&other) {
            assert!((one.fused - other.fused).abs() < 1e-6);
        }
    }

    #[test]
    fn what_a_full_list_lacks_counts_as_its_last() {
        // Cut off at two, the third may have words as good as the second's; else it has none.
        let (words, meaning) = ([(1, 5.0), (2, 4.0)], [(3, 0.6), (2, 0.1)]);
        let third = |limit| fuse(&words, &meaning, limit).into_iter().find(|hit| hit.key == 3);
        assert!(third(2).map(|hit| hit.fused) > third(3).map(|hit| hit.fused));
    }

    #[test]
    fn scores_are_from_0_to_1_and_fall() {
        let words: Vec<(u16, f32)> =
            (0..300).map(|key| (key, 900.0 / f32::from(key + 1))).collect();
        let meaning = [(7, 1.0), (8, -1.0), (9_000, -1.0)];
        for fused in
            [fuse(&words, &meaning, 300), fuse(&words, &[], 300), fuse(&[(1, 0.0)], &[], 1)]
        {
            assert!(fused.iter().all(|hit| (0.0..=1.0).contains(&hit.fused)));
            assert!(fused.is_sorted_by(|a, b| a.fused >= b.fused));
        }
        assert_eq!(fuse(&[(1, 3.0)], &[], 1)[0].fused, 0.5);
    }

    #[test]
    fn of_a_key_that_a_list_has_twice_the_better_counts() {
        let fused = fuse(&[('a', 9.0), ('b', 5.0), ('a', 1.0)], &[], LIMIT);
        assert_eq!(keys(&fused), ['a', 'b']);
        assert_eq!(fused[0].bm25, Some(9.0));
    }
}
