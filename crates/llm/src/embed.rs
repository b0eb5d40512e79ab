//! Turning texts into vectors: the port, and what every model behind it needs.

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
