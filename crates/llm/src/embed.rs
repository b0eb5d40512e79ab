//! Turning texts into vectors: the port, and what every model behind it needs.

pub(crate) mod batches;
pub(crate) mod family;
pub(crate) mod fitting;

use async_trait::async_trait;

use crate::LlmError;

/// What a text is embedded for. Some models want to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// It is searched with.
    Query,
    /// It is to be found.
    Document,
}

/// Something that turns texts into vectors: a provider, a model in this process.
#[async_trait]
pub trait Embedder: Send + Sync {
    /// Its full name, `provider/model`. Vectors of embedders with different names, or of
    /// different dimensions, cannot be compared.
    fn model(&self) -> &str;

    /// How many numbers its vectors have. The first call may ask the model.
    ///
    /// # Errors
    /// When the model cannot be asked.
    async fn dimension(&self) -> Result<u32, LlmError>;

    /// The vectors of `texts`, in their order, each of length 1 and of [`Embedder::dimension`]
    /// numbers. A text that is longer than the model can read is cut at its end. Any number of
    /// texts may be given; they are sent in batches.
    ///
    /// # Errors
    /// When the model fails; then no vector is given. Blank texts are refused.
    async fn embed(&self, texts: &[String], purpose: Purpose) -> Result<Vec<Vec<f32>>, LlmError>;
}

/// How a provider's embedding model is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmbedderOptions {
    /// How many numbers a vector shall have, for models that leave the choice; absent: as many as
    /// the model gives by itself.
    pub dimensions: Option<u32>,
    /// The most texts of one request.
    pub batch: usize,
}

impl Default for EmbedderOptions {
    fn default() -> Self {
        Self { dimensions: None, batch: 64 }
    }
}
