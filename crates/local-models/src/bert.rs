//! The encoder of the BERT family: from token numbers to one vector for each token.

mod attention;
mod config;
mod layer;

use crate::ModelError;
use crate::math::add_and_norm;
use crate::tokens::Packed;
use crate::weights::Weights;
pub(crate) use config::BertConfig;
pub(crate) use layer::Linear;
use layer::{Layer, Norm};

/// An encoder with its weights.
pub(crate) struct Bert {
    /// How many numbers a token's vector has.
    pub width: usize,
    words: Vec<f32>,
    positions: Vec<f32>,
    kinds: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
    /// The first place of the table of positions that is used.
    first_position: usize,
}

impl Bert {
    /// Takes the weights that `config` describes.
    pub(crate) fn load(config: &BertConfig, weights: &Weights<'_>) -> Result<Self, ModelError> {
        let width = config.hidden_size;
        let table = |name: &str, rows: usize| {
            weights.of_encoder(&format!("embeddings.{name}_embeddings.weight"), &[rows, width])
        };
        Ok(Self {
            width,
            words: table("word", config.vocab_size)?,
            positions: table("position", config.max_position_embeddings)?,
            kinds: table("token_type", config.type_vocab_size)?,
            norm: Norm::load(weights, "embeddings.LayerNorm", width, config.layer_norm_eps)?,
            layers: (0..config.num_hidden_layers)
                .map(|number| Layer::load(config, weights, number))
                .collect::<Result<_, _>>()?,
            first_position: config.first_position(),
        })
    }

    /// The vectors of all tokens, one after the other.
    pub(crate) fn encode(&self, texts: &Packed) -> Result<Vec<f32>, ModelError> {
        let mut state = self.embed(texts)?;
        let mut room = layer::Room::default();
        for layer in &self.layers {
            layer.apply(&mut state, texts, &mut room);
        }
        Ok(state)
    }

    fn embed(&self, texts: &Packed) -> Result<Vec<f32>, ModelError> {
        let unknown = || ModelError::Tokens("a token is not in the model's tables".into());
        let row = |table: &[f32], number: usize| {
            let start = number.checked_mul(self.width)?;
            table.get(start..start.checked_add(self.width)?).map(<[f32]>::to_vec)
        };
        let mut state = Vec::with_capacity(texts.ids.len() * self.width);
        let mut plus = Vec::with_capacity(state.capacity());
        for range in texts.ranges() {
            for (place, at) in range.enumerate() {
                state.extend(row(&self.words, texts.ids[at] as usize).ok_or_else(unknown)?);
                let mut sum =
                    row(&self.positions, self.first_position + place).ok_or_else(unknown)?;
                // Models with one kind of text take every text for that kind.
                let kind = if self.kinds.len() == self.width { 0 } else { texts.kinds[at] };
                let kind = row(&self.kinds, kind as usize).ok_or_else(unknown)?;
                for (sum, kind) in sum.iter_mut().zip(&kind) {
                    *sum += kind;
                }
                plus.append(&mut sum);
            }
        }
        add_and_norm(&mut state, &plus, &self.norm.gain, &self.norm.bias, self.norm.epsilon);
        Ok(state)
    }
}
