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
    /// The vectors of chunks that are counted from `first` on, for those of the embeddings that are made
    /// by the embedder that we have. The others are made up for in the background.
    pub(crate) async fn vectors_for(
        &self,
        wanted: &[(EmbeddingId, EmbedderStamp)],
        first: u32,
        texts: &[String],
    ) -> Result<Vec<NewVectors>, Trouble> {
        let Some(embedder) = &self.embedder else { return Ok(Vec::new()) };
        let ours = |stamp: &EmbedderStamp| stamp.model == embedder.model();
        let Some((_, stamp)) = wanted.iter().find(|(_, stamp)| ours(stamp)) else {
            return Ok(Vec::new());
        };
        let vectors = embed(embedder.as_ref(), texts)
            .await
            .map_err(|failure| unembedded(embedder.as_ref(), &failure))?;
        let dimension = vectors.first().map_or(0, Vec::len);
        if dimension != stamp.dimension as usize || vectors.len() != texts.len() {
            // The model is not what it was: the background makes a new embedding of it.
            return Ok(Vec::new());
        }
        let numbered: Vec<(u32, Vec<f32>)> = (first..).zip(vectors).collect();
        let span = u32::try_from(numbered.len()).unwrap_or(u32::MAX);
        let signatures = signatures_blob(first, span, &numbered)
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

/// Why texts have no vectors.
pub(crate) struct Unembedded {
    pub(crate) error: LlmError,
    /// Whether the embedder failed at one of the texts and not at all of them.
    pub(crate) is_due_to_a_text: bool,
}

/// The texts' vectors. Where the embedder fails at them and still takes another text, they are
/// tried once more before it is said that one of them is to blame.
pub(crate) async fn embed(
    embedder: &dyn Embedder,
    texts: &[String],
) -> Result<Vec<Vec<f32>>, Unembedded> {
    let error = match embedder.embed(texts, Purpose::Document).await {
        Ok(vectors) => return Ok(vectors),
        Err(error) => error,
    };
    let is_due_to_a_text = is_due_to_a_text(embedder, &error).await;
    if !is_due_to_a_text || is_refusal(&error) {
        return Err(Unembedded { error, is_due_to_a_text });
    }
    let again = embedder.embed(texts, Purpose::Document).await;
    again.map_err(|error| Unembedded { is_due_to_a_text: may_be_due_to_a_text(&error), error })
}

/// What an embedder's failure means for the documents.
fn unembedded(embedder: &dyn Embedder, failure: &Unembedded) -> Trouble {
    let Unembedded { error, is_due_to_a_text } = failure;
    let model = embedder.model();
    tracing::warn!(%model, %error, "documents could not be embedded");
    if !is_due_to_a_text {
        return Trouble::Passing(format!(
            "the embedder {model} does not answer; it is tried again"
        ));
    }
    let why = format!("the embedder {model} does not take its text");
    if is_refusal(error) {
        Trouble::Document(format!("{why}: {}", error.user_message()))
    } else {
        Trouble::Text(why)
    }
}

/// Whether the embedder says that it does not take a text, and will not another time.
const fn is_refusal(error: &LlmError) -> bool {
    matches!(error, LlmError::BadRequest { .. } | LlmError::ContextTooLong { .. })
}

/// Whether it may be one text that the embedder failed at. One that did not answer in time, or that
/// is left alone, failed at all.
const fn may_be_due_to_a_text(error: &LlmError) -> bool {
    is_refusal(error)
        || matches!(
            error,
            LlmError::Unavailable { .. }
                | LlmError::Incomplete { .. }
                | LlmError::Protocol { .. }
                | LlmError::TooLarge { .. }
        )
}

/// Whether the embedder failed at one of the texts and not at all of them: it still takes another.
async fn is_due_to_a_text(embedder: &dyn Embedder, error: &LlmError) -> bool {
    may_be_due_to_a_text(error)
        && embedder.embed(&[HARMLESS.to_owned()], Purpose::Document).await.is_ok()
}
