//! A second look at what few signs differ of. How many differ counts all components alike; here
//! each counts as much as the query has of it, which ranks several times better and still needs
//! no vector.
//!
//! That a vector's signs, weighted by the query, are an estimate of the cosine is the idea of
//! "RaBitQ" (Gao and Long, 2024, <https://arxiv.org/abs/2405.12497>), without its rotation.

use std::cmp::Ordering;

use super::{IndexError, Near, Signatures};

/// Of these chunks the `n` whose signs agree best with the query where it matters, the best first.
/// `near` is what [`nearest`](super::nearest) found in the same `signatures`.
///
/// # Errors
/// [`IndexError::Damaged`] when stored bytes cannot be signatures.
pub fn best_agreeing(
    query: &[f32],
    signatures: &[Signatures<'_>],
    near: &[Near],
    n: usize,
) -> Result<Vec<Near>, IndexError> {
    let sums = sums(query);
    let mut parts = Vec::with_capacity(signatures.len());
    for part in signatures {
        parts.push((part.segment, part.first_no, part.rows()?));
    }
    parts.sort_unstable_by_key(|(segment, ..)| *segment);
    let agreement = |it: &Near| {
        let place = parts.binary_search_by_key(&it.segment, |(segment, ..)| *segment).ok()?;
        let (_, first_no, (rows, row)) = parts.get(place)?;
        let start = it.no.checked_sub(*first_no)? as usize * row;
        let signs = rows.get(start..start + row)?;
        Some(signs.iter().zip(&sums).map(|(byte, sums)| sums[usize::from(*byte)]).sum::<f32>())
    };
    let mut found: Vec<(f32, &Near)> =
        near.iter().filter_map(|it| Some((agreement(it)?, it))).collect();
    let better = |a: &(f32, &Near), b: &(f32, &Near)| -> Ordering {
        b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1))
    };
    found.sort_unstable_by(better);
    Ok(found.into_iter().take(n).map(|(_, it)| *it).collect())
}

/// For each eight components the sums of those that a byte has set.
fn sums(query: &[f32]) -> Vec<[f32; 256]> {
    let of_eight = |eight: &[f32]| {
        let mut sums = [0.0; 256];
        for byte in 1..sums.len() {
            let (lowest, rest) = (byte.trailing_zeros() as usize, byte & (byte - 1));
            sums[byte] = sums[rest] + eight.get(lowest).copied().unwrap_or_default();
        }
        sums
    };
    query.chunks(8).map(of_eight).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{nearest, signatures_blob};
    use proptest::prelude::*;

    fn part<'a>(segment: usize, first_no: u32, span: u32, data: &'a [u8]) -> Signatures<'a> {
        Signatures { segment, first_no, span, data, allowed: None }
    }

    proptest! {
        #[test]
        fn the_best_agree_where_the_query_has_most(
            vectors in prop::collection::btree_map(10_u32..200, prop::collection::vec(-1.0_f32..1.0, 70), 1..30),
            // Numbers whose sums are exact.
            wanted in prop::collection::vec((-64_i8..64).prop_map(|it| f32::from(it) / 64.0), 70),
            n in 0_usize..40,
        ) {
            let vectors: Vec<_> = vectors.into_iter().collect();
            let agreement = |vector: &[f32]| {
                vector.iter().zip(&wanted).filter(|(it, _)| **it > 0.0).map(|(_, q)| q).sum::<f32>()
            };
            let (low, high): (Vec<_>, Vec<_>) =
                vectors.iter().cloned().partition(|(no, _)| *no < 100);
            let low = signatures_blob(10, 90, &low).expect("in range");
            let high = signatures_blob(100, 100, &high).expect("in range");
            let parts = [part(7, 10, 90, &low), part(3, 100, 100, &high)];
            let near = nearest(&wanted, &parts, 1_000).expect("sound");
            let found = best_agreeing(&wanted, &parts, &near, n).expect("sound");
            let mut expected: Vec<f32> =
                vectors.iter().map(|(_, vector)| agreement(vector)).collect();
            expected.sort_unstable_by(|a, b| b.total_cmp(a));
            expected.truncate(n);
            let of = |no: u32| {
                let at = vectors.binary_search_by_key(&no, |(no, _)| *no).expect("one of them");
                agreement(&vectors[at].1)
            };
            let found: Vec<f32> = found.iter().map(|near| of(near.no)).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn no_stored_bytes_do_harm(data: Vec<u8>, span in 0_u32..1_000, no: u32, segment in 0_usize..2) {
            let near = [Near { distance: 0, segment, no }];
            let _ = best_agreeing(&[1.0; 64], &[part(0, 10, span, &data)], &near, 5);
        }
    }
}
