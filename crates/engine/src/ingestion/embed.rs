//! Vectors of chunks.

use vpaura_domain::{EmbedderStamp, EmbeddingId};
use vpaura_knowledge::index::{encode_f16, signatures_blob};
use vpaura_llm::{Embedder, LlmError, Purpose};
use vpaura_store::NewVectors;

use super::trouble::Trouble;
use crate::{Engine, Error};

/// A text that no embedder has anything against.
const HARMLESS: &str = "A text.";

impl Engine {
    /// The vectors of chunks numbered from `first_no` on, for those of the embeddings that are made
    /// by the embedder that we have. The others are made up for in the background.
    pub(crate) async fn vectors_for(
        &self,
        wanted: &[(EmbeddingId, EmbedderStamp)],
        first_no: u32,
        texts: &[String],
    ) -> Result<Vec<NewVectors>, Trouble> {
        let Some(embedder) = &self.embedder else { return Ok(Vec::new()) };
        let ours = |stamp: &EmbedderStamp| stamp.model == embedder.model();
        let Some((_, stamp)) = wanted.iter().find(|(_, stamp)| ours(stamp)) else {
            return Ok(Vec::new());
        };
        let vectors = match embedder.embed(texts, Purpose::Document).await {
            Ok(vectors) => vectors,
            Err(error) => return Err(unembedded(embedder.as_ref(), &error).await),
        };
        let dimension = vectors.first().map_or(0, Vec::len);
        if dimension != stamp.dimension as usize || vectors.len() != texts.len() {
            // The model is not what it was: the background makes a new embedding of it.
            return Ok(Vec::new());
        }
        let numbered: Vec<(u32, Vec<f32>)> = (first_no..).zip(vectors).collect();
        let span = u32::try_from(numbered.len()).unwrap_or(u32::MAX);
        let signatures = signatures_blob(first_no, span, &numbered)
            .map_err(|error| Error::Internal(format!("vectors: {error}")))?;
        let vectors: Vec<_> =
            numbered.iter().map(|(no, vector)| (*no, encode_f16(vector))).collect();
        let same = wanted.iter().filter(|(_, it)| it == stamp);
        Ok(same
            .map(|(id, _)| NewVectors {
                embedding_id: *id,
                vectors: vectors.clone(),
                signatures: signatures.clone(),
            })
            .collect())
    }
}

/// What an embedder's failure means for the documents.
async fn unembedded(embedder: &dyn Embedder, error: &LlmError) -> Trouble {
    let model = embedder.model();
    tracing::warn!(%model, %error, "documents could not be embedded");
    if !is_due_to_a_text(embedder, error).await {
        return Trouble::Passing(format!(
            "the embedder {model} does not answer; it is tried again"
        ));
    }
    let why = format!("the embedder {model} does not take its text");
    match error {
        LlmError::BadRequest { .. } | LlmError::ContextTooLong { .. } => {
            Trouble::Document(format!("{why}: {}", error.user_message()))
        }
        _ => Trouble::Text(why),
    }
}

/// Whether the embedder failed at one of the texts and not at all of them: it still takes another.
/// One that does not answer in time, or that is left alone, is not asked.
pub(crate) async fn is_due_to_a_text(embedder: &dyn Embedder, error: &LlmError) -> bool {
    let may_be = matches!(
        error,
        LlmError::BadRequest { .. }
            | LlmError::ContextTooLong { .. }
            | LlmError::Unavailable { .. }
            | LlmError::Incomplete { .. }
            | LlmError::Protocol { .. }
            | LlmError::TooLarge { .. }
    );
    may_be && embedder.embed(&[HARMLESS.to_owned()], Purpose::Document).await.is_ok()
}
