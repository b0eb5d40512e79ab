//! The functions between the matrices, written so that the compiler makes vector code of them.

/// e to the power of `x`, within 2e-7 of it; 0 and infinity are not reached.
#[inline]
fn exp(x: f32) -> f32 {
    /// Adding it moves the whole part of a number into its lowest bits.
    const MAGIC: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + MAGIC;
    let whole = shifted - MAGIC;
    let rest = x - whole * LN_2_HIGH - whole * LN_2_LOW;
    let mut series = 1.0 / 5_040.0;
    for divisor in [720.0, 120.0, 24.0, 6.0, 2.0_f32] {
        series = series * rest + 1.0 / divisor;
    }
    series = (series * rest + 1.0) * rest + 1.0;
    let exponent = shifted.to_bits().wrapping_sub(MAGIC.to_bits()).wrapping_add(127) << 23;
    series * f32::from_bits(exponent)
}

/// The error function, within 4e-7, by the rational approximation 7.1.26 of Abramowitz and
/// Stegun.
#[inline]
fn erf(x: f32) -> f32 {
    let size = x.abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * size);
    let mut series = 1.061_405_4;
    for coefficient in [-1.453_152_1, 1.421_413_8, -0.284_496_73, 0.254_829_6_f32] {
        series = series * t + coefficient;
    }
    (1.0 - series * t * exp(-size * size)).copysign(x)
}

/// The Gaussian error linear unit, exact form, in place.
pub(crate) fn gelu(values: &mut [f32]) {
    for value in values {
        *value = *value * 0.5 * (1.0 + erf(*value * std::f32::consts::FRAC_1_SQRT_2));
    }
}

/// Each value's share of the sum of their exponentials, in place.
pub(crate) fn softmax(values: &mut [f32]) {
    let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for value in values.iter_mut() {
        *value = exp(*value - most);
    }
    let total = 1.0 / sum(values);
    for value in values {
        *value *= total;
    }
}

/// Adds `plus` to `values` (both of rows of `gain.len()` numbers), then brings each row to mean 0
/// and variance 1, times `gain`, plus `bias`.
pub(crate) fn add_and_norm(
    values: &mut [f32],
    plus: &[f32],
    gain: &[f32],
    bias: &[f32],
    epsilon: f32,
) {
    let width = gain.len();
    #[expect(clippy::cast_precision_loss, reason = "a row has few thousand numbers")]
    let share = 1.0 / width as f32;
    for (row, plus) in values.chunks_exact_mut(width).zip(plus.chunks_exact(width)) {
        for (value, plus) in row.iter_mut().zip(plus) {
            *value += plus;
        }
        let mean = sum(row) * share;
        for value in row.iter_mut() {
            *value -= mean;
        }
        let scale = 1.0 / (dot(row, row) * share + epsilon).sqrt();
        for ((value, gain), bias) in row.iter_mut().zip(gain).zip(bias) {
            *value = *value * scale * gain + bias;
        }
    }
}

/// The sum of all values.
fn sum(values: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    let (blocks, rest) = values.as_chunks::<8>();
    for block in blocks {
        for (lane, value) in lanes.iter_mut().zip(block) {
            *lane += value;
        }
    }
    lanes.iter().chain(rest).sum()
}

/// The sum of the products.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    let ((blocks, rest), (others, other_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (block, other) in blocks.iter().zip(others) {
        for ((lane, a), b) in lanes.iter_mut().zip(block).zip(other) {
            *lane += a * b;
        }
    }
    let rest: f32 = rest.iter().zip(other_rest).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f32>() + rest
}

/// Brings a vector to length 1; one without length stays as it is.
pub(crate) fn normalise(vector: &mut [f32]) {
    let length = dot(vector, vector).sqrt();
    if length > 0.0 {
        for value in vector {
            *value /= length;
        }
    }
}

/// 1 / (1 + e^-x).
pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn exponentials_are_near_the_truth() {
        for step in -8_600..=8_600 {
            let x = step as f32 / 100.0;
            let truth = f64::from(x).exp();
            assert!((f64::from(exp(x)) / truth - 1.0).abs() < 1e-6, "{x}: {} {truth}", exp(x));
        }
        assert!(exp(-1e9) < 1e-37 && exp(1e9).is_finite());
        assert_eq!(exp(0.0), 1.0);
    }

    /// The error function by its series, in double precision.
    fn true_erf(x: f64) -> f64 {
        let mut term = x;
        let mut total = x;
        for n in 1..200 {
            let n = f64::from(n);
            term *= -x * x / n;
            total += term / (2.0 * n + 1.0);
        }
        total * 2.0 / std::f64::consts::PI.sqrt()
    }

    #[test]
    fn the_unit_is_near_the_truth() {
        for step in -400..=400 {
            let x = f64::from(step) / 100.0;
            let mut found = [x as f32];
            gelu(&mut found);
            let truth = x * 0.5 * (1.0 + true_erf(x / std::f64::consts::SQRT_2));
            assert!((f64::from(found[0]) - truth).abs() < 2e-6, "{x}: {} {truth}", found[0]);
        }
        let mut far = [-50.0, 50.0];
        gelu(&mut far);
        assert!(far[0].abs() < 1e-5 && (far[1] - 50.0).abs() < 1e-5);
    }

    #[test]
    fn shares_sum_to_one_however_large_the_values() {
        for scale in [0.0, 1.0, 1e4] {
            let mut values: Vec<f32> = (0..19_u8).map(|i| f32::from(i) * scale).collect();
            softmax(&mut values);
            assert!((values.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            assert!(values.is_sorted() && values.iter().all(|value| *value >= 0.0));
        }
    }

    #[test]
    fn rows_are_brought_to_mean_and_variance() {
        let mut values: Vec<f32> = (0..24_u16).map(|i| f32::from(i * i % 7)).collect();
        add_and_norm(&mut values, &[1.0; 24], &[2.0; 12], &[3.0; 12], 0.0);
        for row in values.chunks(12) {
            let mean = row.iter().sum::<f32>() / 12.0;
            let variance = row.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / 12.0;
            assert!((mean - 3.0).abs() < 1e-5 && (variance - 4.0).abs() < 1e-4);
        }
    }

    #[test]
    fn lengths_become_one() {
        let mut vector: Vec<f32> = (0..13_u8).map(f32::from).collect();
        normalise(&mut vector);
        assert!((dot(&vector, &vector) - 1.0).abs() < 1e-6);
        let mut none = [0.0; 3];
        normalise(&mut none);
        assert_eq!(none, [0.0; 3]);
        assert!((sigmoid(0.0) - 0.5).abs() < 1e-6 && sigmoid(-200.0) >= 0.0);
    }
}
