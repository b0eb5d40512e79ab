//! Vectors of chunks.

use vpaura_domain::{EmbedderStamp, EmbeddingId};
use vpaura_knowledge::index::{encode_f16, signatures_blob};
use vpaura_llm::Purpose;
use vpaura_store::NewVectors;

use super::trouble::Trouble;
use crate::{Engine, Error};

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
        let embedded = embedder.embed(texts, Purpose::Document).await;
        let vectors = embedded.map_err(|error| unembedded(embedder.model(), &error))?;
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
fn unembedded(model: &str, error: &vpaura_llm::LlmError) -> Trouble {
    use vpaura_llm::LlmError::{BadRequest, ContextTooLong};
    tracing::warn!(%model, %error, "documents could not be embedded");
    match error {
        BadRequest { .. } | ContextTooLong { .. } => Trouble::Document(format!(
            "the embedder {model} does not take its text: {}",
            error.user_message()
        )),
        _ => Trouble::Passing(format!("the embedder {model} does not answer; it is tried again")),
    }
}
