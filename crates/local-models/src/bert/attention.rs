//! Attention within one text. Texts lie one after the other without padding, so that none pays
//! for the length of another.

use std::ops::Range;

use crate::math::softmax;
use crate::matrix::{Into, View, ViewMut, multiply};

/// How a token's vector is shared out among the heads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heads {
    /// How many.
    pub count: usize,
    /// How many numbers each gets.
    pub width: usize,
}

/// Mixes the values of the tokens in `range` by how their queries and keys go together, head by
/// head. A row of `projected` holds a token's queries, keys and values, each as wide as all heads;
/// a row of `mixed` takes the outcome. `scores` is room to work in.
pub(super) fn attend(
    heads: Heads,
    range: Range<usize>,
    projected: &[f32],
    mixed: &mut [f32],
    scores: &mut Vec<f32>,
) {
    let tokens = range.len();
    if tokens == 0 {
        return;
    }
    let width = heads.count * heads.width;
    #[expect(clippy::cast_precision_loss, reason = "a head has few hundred numbers")]
    let scale = 1.0 / (heads.width as f32).sqrt();
    scores.resize(tokens * tokens, 0.0);
    for head in 0..heads.count {
        let part = |number: usize| {
            let start = range.start * 3 * width + number * width + head * heads.width;
            View::new(&projected[start..], tokens, heads.width, 3 * width)
        };
        let (queries, keys, values) = (part(0), part(1), part(2));
        let target = ViewMut::new(scores, tokens, tokens, tokens);
        multiply(target, Into::Replace, scale, queries, keys.transposed());
        scores.chunks_exact_mut(tokens).for_each(softmax);
        let start = range.start * width + head * heads.width;
        let target = ViewMut::new(&mut mixed[start..], tokens, heads.width, width);
        multiply(target, Into::Replace, 1.0, View::new(scores, tokens, tokens, tokens), values);
    }
}
