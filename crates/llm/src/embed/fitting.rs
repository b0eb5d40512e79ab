//! An embedder whose vectors must have a dimension that is known from before.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use vpaura_domain::Clock;

use super::{Embedder, EmbedderOptions, Purpose};
use crate::{Jitter, LlmError, ModelRef, RouterSettings, embedder};

/// One model, asked in two ways: not every model takes a dimension, not even its own.
struct FittingEmbedder {
    /// Gives what the model gives by itself.
    free: Arc<dyn Embedder>,
    /// Asks for the dimension.
    asking: Arc<dyn Embedder>,
    dimension: u32,
    /// Asking has led to it.
    has_to_ask: AtomicBool,
}

/// The embedding model `model` as it made the vectors of `dimension` numbers that are there: those
/// it gives by itself where they fit, and else those that it gives when it is asked for them.
///
/// # Errors
/// As [`embedder`].
pub fn fitting_embedder(
    settings: &RouterSettings,
    model: &ModelRef,
    (dimension, batch): (u32, usize),
    clock: &Arc<dyn Clock>,
    jitter: &Jitter,
) -> Result<Arc<dyn Embedder>, LlmError> {
    let made = |dimensions| {
        let options = EmbedderOptions { dimensions, batch };
        embedder(settings, model, options, Arc::clone(clock), jitter.clone())
    };
    Ok(Arc::new(FittingEmbedder {
        free: made(None)?,
        asking: made(Some(dimension))?,
        dimension,
        has_to_ask: AtomicBool::new(false),
    }))
}

#[async_trait]
impl Embedder for FittingEmbedder {
    fn model(&self) -> &str {
        self.free.model()
    }

    async fn dimension(&self) -> Result<u32, LlmError> {
        Ok(self.dimension)
    }

    async fn embed(&self, texts: &[String], purpose: Purpose) -> Result<Vec<Vec<f32>>, LlmError> {
        if !self.has_to_ask.load(Ordering::Relaxed) {
            let vectors = self.free.embed(texts, purpose).await?;
            if vectors.iter().all(|vector| vector.len() == self.dimension as usize) {
                return Ok(vectors);
            }
        }
        let vectors = self.asking.embed(texts, purpose).await?;
        self.has_to_ask.store(true, Ordering::Relaxed);
        Ok(vectors)
    }
}
