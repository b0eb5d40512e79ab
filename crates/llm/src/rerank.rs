//! Judging how well texts answer a question: the port, and the models of providers.

use async_trait::async_trait;

use crate::LlmError;

/// Something that reads a question beside each text: slower and better than comparing vectors.
#[async_trait]
pub trait Reranker: Send + Sync {
    /// Its full name, `provider/model`.
    fn model(&self) -> &str;

    /// How well each text answers `query`, in the order of the texts; higher is better. Scores
    /// are finite and only comparable within one query. A text that is longer than the model can
    /// read is cut at its end.
    ///
    /// # Errors
    /// When the model fails; then no score is given.
    async fn rerank(&self, query: &str, texts: &[String]) -> Result<Vec<f32>, LlmError>;
}
