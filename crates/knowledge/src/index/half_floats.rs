//! Vectors as 16-bit floats, little-endian: half the size, and as good for ranking.

use half::f16;
use half::slice::HalfFloatSliceExt;

use super::IndexError;

/// `vector` as bytes, two for each component.
pub fn encode_f16(vector: &[f32]) -> Vec<u8> {
    let mut halves = vec![f16::ZERO; vector.len()];
    halves.convert_from_f32_slice(vector);
    halves.iter().flat_map(|half| half.to_le_bytes()).collect()
}

/// The components that `data` has; an odd byte at the end does not count.
pub fn decode_f16(data: &[u8]) -> Vec<f32> {
    let halves: Vec<f16> = data.as_chunks().0.iter().map(|two| f16::from_le_bytes(*two)).collect();
    let mut vector = vec![0.0; halves.len()];
    halves.convert_to_f32_slice(&mut vector);
    vector
}

/// The cosine between `query` and a stored vector, -1 to 1; 0 when one of them is no direction.
///
/// # Errors
/// [`IndexError::Dimension`], when they do not have the same number of components.
pub fn cosine_f16(query: &[f32], data: &[u8]) -> Result<f32, IndexError> {
    let stored = decode_f16(data);
    if stored.len() != query.len() || !data.len().is_multiple_of(2) {
        return Err(IndexError::Dimension { expected: query.len(), found: stored.len() });
    }
    let cosine = dot(query, &stored) / (dot(query, query) * dot(&stored, &stored)).sqrt();
    Ok(if cosine.is_finite() { cosine.clamp(-1.0, 1.0) } else { 0.0 })
}

/// The sum of the products, in several sums side by side: one alone would have to wait for each
/// addition.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0_f32; LANES];
    for (a, b) in a.iter().zip(b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    let rest = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f32>();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn vectors_come_back_nearly(vector in prop::collection::vec(-1.0_f32..1.0, 0..50)) {
            let back = decode_f16(&encode_f16(&vector));
            prop_assert_eq!(back.len(), vector.len());
            prop_assert!(vector.iter().zip(&back).all(|(a, b)| (a - b).abs() < 0.001));
        }

        #[test]
        fn no_bytes_do_harm(data: Vec<u8>, query in prop::collection::vec(-1.0_f32..1.0, 0..20)) {
            if let Ok(cosine) = cosine_f16(&query, &data) {
                prop_assert!((-1.0..=1.0).contains(&cosine));
            }
        }
    }

    #[test]
    fn the_cosine_is_that_of_the_vectors() {
        let near = |a, b| matches!(a, Ok(a) if f32::abs(a - b) < 0.001);
        assert!(near(cosine_f16(&[1.0, 0.0], &encode_f16(&[3.0, 4.0])), 0.6));
        assert!(near(cosine_f16(&[1.0, 0.0], &encode_f16(&[-2.0, 0.0])), -1.0));
        assert_eq!(cosine_f16(&[0.0, 0.0], &encode_f16(&[1.0, 0.0])), Ok(0.0));
        let refused = IndexError::Dimension { expected: 1, found: 2 };
        assert_eq!(cosine_f16(&[1.0], &encode_f16(&[1.0, 0.0])), Err(refused));
    }
}
