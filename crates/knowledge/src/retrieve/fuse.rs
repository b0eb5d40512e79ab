//! Puts what was found by words and what was found by meaning into one order.

use std::collections::HashMap;
use std::hash::Hash;

/// How slowly a rank loses its worth: the usual constant of reciprocal rank fusion.
/// (Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual
/// Rank Learning Methods", 2009.)
const RANK_CONSTANT: f32 = 60.0;

/// A candidate of either list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fused<K> {
    /// Which it is.
    pub key: K,
    /// Its score by words, where it was found by them.
    pub bm25: Option<f32>,
    /// Its score by meaning, where it was found by it.
    pub vector: Option<f32>,
    /// Both together.
    pub fused: f32,
}

/// Fuses two lists, each with the best first. With one of them empty, the order is the other's.
pub fn fuse<K: Copy + Eq + Hash>(bm25: &[(K, f32)], vector: &[(K, f32)]) -> Vec<Fused<K>> {
    let mut fused: Vec<Fused<K>> = Vec::with_capacity(bm25.len() + vector.len());
    let mut places: HashMap<K, usize> = HashMap::with_capacity(fused.capacity());
    for (list, is_vector) in [(bm25, false), (vector, true)] {
        for (rank, (key, score)) in list.iter().enumerate() {
            let place = *places.entry(*key).or_insert(fused.len());
            if place == fused.len() {
                fused.push(Fused { key: *key, bm25: None, vector: None, fused: 0.0 });
            }
            let Some(candidate) = fused.get_mut(place) else { continue };
            let part = if is_vector { &mut candidate.vector } else { &mut candidate.bm25 };
            // Of a key that a list has twice, the better place counts.
            if part.replace(*score).is_none() {
                candidate.fused += 1.0 / (RANK_CONSTANT + rank as f32 + 1.0);
            }
        }
    }
    // Stable: of equals, those found by words come first.
    fused.sort_by(|a, b| b.fused.total_cmp(&a.fused));
    fused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_find_comes_before_what_one_finds() {
        let fused = fuse(&[('a', 9.0), ('b', 8.0)], &[('c', 0.9), ('b', 0.8)]);
        assert_eq!(fused.iter().map(|hit| hit.key).collect::<String>(), "bac");
        assert_eq!((fused[0].bm25, fused[0].vector), (Some(8.0), Some(0.8)));
        assert_eq!((fused[1].bm25, fused[1].vector), (Some(9.0), None));
    }

    #[test]
    fn one_list_alone_keeps_its_order() {
        let list = [('x', 3.0), ('y', 2.0), ('z', 1.0)];
        let keys = |fused: Vec<Fused<char>>| fused.iter().map(|hit| hit.key).collect::<String>();
        assert_eq!(keys(fuse(&list, &[])), "xyz");
        assert_eq!(keys(fuse(&[], &list)), "xyz");
        assert!(fuse::<char>(&[], &[]).is_empty());
    }
}
