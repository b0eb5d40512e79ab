//! One layer: attention, then the feed-forward part, each added to what came in and normed.

use super::BertConfig;
use super::attention::{Heads, attend};
use crate::ModelError;
use crate::math::{add_and_norm, gelu};
use crate::matrix::{Into, View, ViewMut, multiply};
use crate::tokens::Packed;
use crate::weights::Weights;

/// Rows times a matrix, plus a bias.
pub(crate) struct Linear {
    /// A row for each output.
    weight: Vec<f32>,
    bias: Vec<f32>,
    inputs: usize,
}

impl Linear {
    /// The encoder's weights `<name>.weight` and `<name>.bias`.
    pub(crate) fn load(
        weights: &Weights<'_>,
        name: &str,
        inputs: usize,
        outputs: usize,
    ) -> Result<Self, ModelError> {
        Ok(Self {
            weight: weights.of_encoder(&format!("{name}.weight"), &[outputs, inputs])?,
            bias: weights.of_encoder(&format!("{name}.bias"), &[outputs])?,
            inputs,
        })
    }

    /// The same from weights by their full names, outside of the encoder.
    pub(crate) fn of_head(
        weights: &Weights<'_>,
        name: &str,
        inputs: usize,
        outputs: usize,
    ) -> Result<Self, ModelError> {
        Ok(Self {
            weight: weights.get(&format!("{name}.weight"), &[outputs, inputs])?,
            bias: weights.get(&format!("{name}.bias"), &[outputs])?,
            inputs,
        })
    }

    /// Several with the same inputs as one, whose outputs lie side by side.
    fn joined(parts: [Self; 3]) -> Self {
        let inputs = parts[0].inputs;
        let mut joined = Self { weight: Vec::new(), bias: Vec::new(), inputs };
        for mut part in parts {
            joined.weight.append(&mut part.weight);
            joined.bias.append(&mut part.bias);
        }
        joined
    }

    /// Puts the outputs of all rows of `input` into `output`.
    pub(crate) fn apply(&self, input: &[f32], output: &mut Vec<f32>) {
        let rows = input.len() / self.inputs;
        let outputs = self.bias.len();
        output.clear();
        for _ in 0..rows {
            output.extend_from_slice(&self.bias);
        }
        let target = ViewMut::new(output, rows, outputs, outputs);
        let input = View::new(input, rows, self.inputs, self.inputs);
        let weight = View::new(&self.weight, outputs, self.inputs, self.inputs).transposed();
        multiply(target, Into::Add, 1.0, input, weight);
    }
}

/// The gain and bias of a layer norm.
pub(super) struct Norm {
    pub gain: Vec<f32>,
    pub bias: Vec<f32>,
    pub epsilon: f32,
}

impl Norm {
    pub(super) fn load(
        weights: &Weights<'_>,
        name: &str,
        width: usize,
        epsilon: f32,
    ) -> Result<Self, ModelError> {
        Ok(Self {
            gain: weights.of_encoder(&format!("{name}.weight"), &[width])?,
            bias: weights.of_encoder(&format!("{name}.bias"), &[width])?,
            epsilon,
        })
    }

    fn apply(&self, state: &mut [f32], plus: &[f32]) {
        add_and_norm(state, plus, &self.gain, &self.bias, self.epsilon);
    }
}

/// Room for the numbers on the way, kept from layer to layer.
#[derive(Default)]
pub(super) struct Room {
    projected: Vec<f32>,
    mixed: Vec<f32>,
    scores: Vec<f32>,
    inner: Vec<f32>,
    outer: Vec<f32>,
}

/// A layer's weights.
pub(super) struct Layer {
    heads: Heads,
    /// Queries, keys and values at once.
    projection: Linear,
    attention_output: Linear,
    attention_norm: Norm,
    inner: Linear,
    outer: Linear,
    norm: Norm,
}

impl Layer {
    pub(super) fn load(
        config: &BertConfig,
        weights: &Weights<'_>,
        number: usize,
    ) -> Result<Self, ModelError> {
        let (width, inner) = (config.hidden_size, config.intermediate_size);
        let at = |part: &str| format!("encoder.layer.{number}.{part}");
        let linear =
            |part: &str, inputs, outputs| Linear::load(weights, &at(part), inputs, outputs);
        let norm = |part: &str| Norm::load(weights, &at(part), width, config.layer_norm_eps);
        Ok(Self {
            heads: Heads {
                count: config.num_attention_heads,
                width: width / config.num_attention_heads,
            },
            projection: Linear::joined([
                linear("attention.self.query", width, width)?,
                linear("attention.self.key", width, width)?,
                linear("attention.self.value", width, width)?,
            ]),
            attention_output: linear("attention.output.dense", width, width)?,
            attention_norm: norm("attention.output.LayerNorm")?,
            inner: linear("intermediate.dense", width, inner)?,
            outer: linear("output.dense", inner, width)?,
            norm: norm("output.LayerNorm")?,
        })
    }

    /// Brings the vectors of all tokens one layer further.
    pub(super) fn apply(&self, state: &mut [f32], texts: &Packed, room: &mut Room) {
        self.projection.apply(state, &mut room.projected);
        room.mixed.resize(state.len(), 0.0);
        for range in texts.ranges() {
            attend(self.heads, range, &room.projected, &mut room.mixed, &mut room.scores);
        }
        self.attention_output.apply(&room.mixed, &mut room.outer);
        self.attention_norm.apply(state, &room.outer);
        self.inner.apply(state, &mut room.inner);
        gelu(&mut room.inner);
        self.outer.apply(&room.inner, &mut room.outer);
        self.norm.apply(state, &room.outer);
    }
}
