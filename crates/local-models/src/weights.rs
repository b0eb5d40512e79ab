//! Weights out of a safetensors file, each checked against the shape that it must have.

use std::path::{Path, PathBuf};

use half::{bf16, f16};
use safetensors::{Dtype, SafeTensors};

use crate::ModelError;

/// An open file of weights.
pub(crate) struct Weights<'a> {
    path: PathBuf,
    tensors: SafeTensors<'a>,
    /// What stands before the names of the encoder's own weights.
    prefix: &'static str,
}

/// What the kinds of models put before the encoder's names.
const PREFIXES: [&str; 3] = ["", "bert.", "roberta."];

impl<'a> Weights<'a> {
    /// Reads the list of weights out of a file's bytes.
    pub(crate) fn open(path: &Path, bytes: &'a [u8]) -> Result<Self, ModelError> {
        let tensors =
            SafeTensors::deserialize(bytes).map_err(|error| ModelError::damaged(path, error))?;
        let is_there = |prefix: &&str| {
            tensors.tensor(&format!("{prefix}embeddings.word_embeddings.weight")).is_ok()
        };
        let prefix = PREFIXES.into_iter().find(is_there).ok_or_else(|| {
            ModelError::Unsupported("its weights are not those of the BERT family".into())
        })?;
        Ok(Self { path: path.to_owned(), tensors, prefix })
    }

    /// A weight of the encoder.
    pub(crate) fn of_encoder(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        self.get(&format!("{}{name}", self.prefix), shape)
    }

    /// Whether the encoder has this weight.
    pub(crate) fn encoder_has(&self, name: &str) -> bool {
        self.has(&format!("{}{name}", self.prefix))
    }

    /// Whether there is a weight of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.tensors.tensor(name).is_ok()
    }

    /// A weight by its full name.
    pub(crate) fn get(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let tensor = self
            .tensors
            .tensor(name)
            .map_err(|_| ModelError::damaged(&self.path, format!("it has no weight {name}")))?;
        if tensor.shape() != shape {
            return Err(ModelError::Shape {
                name: name.to_owned(),
                expected: shape.to_vec(),
                found: tensor.shape().to_vec(),
            });
        }
        let data = tensor.data();
        let numbers: Vec<f32> = match tensor.dtype() {
            Dtype::F32 => read(data, f32::from_le_bytes),
            Dtype::F16 => read(data, |bytes| f16::from_le_bytes(bytes).to_f32()),
            Dtype::BF16 => read(data, |bytes| bf16::from_le_bytes(bytes).to_f32()),
            other => {
                return Err(ModelError::Unsupported(format!("its weights are of type {other:?}")));
            }
        };
        if numbers.iter().any(|number| !number.is_finite()) {
            return Err(ModelError::damaged(&self.path, format!("{name} holds what is no number")));
        }
        Ok(numbers)
    }
}

fn read<const N: usize>(data: &[u8], number: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    data.as_chunks::<N>().0.iter().map(|bytes| number(*bytes)).collect()
}
