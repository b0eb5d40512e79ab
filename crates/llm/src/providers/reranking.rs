//! Rerankers of providers: the format of Cohere, Jina, Voyage and vLLM, and that of Hugging Face's
//! text-embeddings-inference.

mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use http::header::CONTENT_TYPE;
use vpaura_domain::Clock;

use super::Endpoint;
use super::retrieval::{RerankWire, of_host};
use crate::embed::batches::beginning;
use crate::guard::Guard;
use crate::http::{read_whole, send_error};
use crate::{Jitter, LlmError, ModelRef, Reranker, RouterSettings};

/// The most bytes of one answer. Some hosts repeat the texts in it.
const MAX_ANSWER: usize = 16 * 1024 * 1024;
/// The most tokens of a passage that are sent; rerankers read between 512 and 8,192.
const LONGEST: usize = 4_096;
/// How often texts are cut shorter when the model still finds them too long.
const MAX_CUTS: u32 = 4;
/// The most passages of one request.
const MAX_BATCH: usize = 100;

/// A provider's reranker.
struct RemoteReranker {
    endpoint: Endpoint,
    wire: RerankWire,
    path: &'static str,
    batch: usize,
    model: String,
    guard: Guard,
}

/// The reranker `model` of one of the providers in `settings`. A local host that is not among
/// them is taken at its usual address.
///
/// # Errors
/// [`LlmError::Settings`] when there is no such provider, or it has no rerankers.
pub fn reranker(
    settings: &RouterSettings,
    model: &ModelRef,
    clock: Arc<dyn Clock>,
    jitter: Jitter,
) -> Result<Arc<dyn Reranker>, LlmError> {
    let endpoint = super::endpoint_of(settings, model, clock)?;
    let retrieval = of_host(endpoint.host);
    let Some((retrieval, wire)) = retrieval.and_then(|host| Some((host, host.rerank?))) else {
        let what = format!("provider {}: it has no rerankers", model.provider);
        return Err(LlmError::Settings(what));
    };
    Ok(Arc::new(RemoteReranker {
        wire,
        path: retrieval.rerank_path,
        batch: retrieval.batch.min(MAX_BATCH),
        model: model.model.clone(),
        guard: Guard::new(model.clone(), settings, jitter),
        endpoint,
    }))
}

impl RemoteReranker {
    async fn batch(&self, query: &str, texts: &[String]) -> Result<Vec<f32>, LlmError> {
        let mut longest = LONGEST;
        for _ in 0..MAX_CUTS {
            match self.cut_and_ask(query, texts, longest).await {
                Err(LlmError::ContextTooLong { .. }) => longest /= 2,
                outcome => return outcome,
            }
        }
        self.cut_and_ask(query, texts, longest).await
    }

    async fn cut_and_ask(
        &self,
        query: &str,
        texts: &[String],
        longest: usize,
    ) -> Result<Vec<f32>, LlmError> {
        let query = beginning(query, longest / 2);
        let texts: Vec<&str> = texts.iter().map(|text| beginning(text, longest)).collect();
        self.guard.call(|| self.ask(query, &texts)).await
    }

    async fn ask(&self, query: &str, texts: &[&str]) -> Result<Vec<f32>, LlmError> {
        let body = wire::body(self.wire, &self.model, query, texts)?;
        let response = self
            .endpoint
            .authorised(self.endpoint.client.post(self.endpoint.url(self.path)))
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .send()
            .await
            .map_err(|error| send_error(&error))?;
        if !response.status().is_success() {
            return Err(super::failure::refusal(response, &self.endpoint).await);
        }
        wire::read(&read_whole(response, MAX_ANSWER).await?, texts.len())
    }
}

#[async_trait]
impl Reranker for RemoteReranker {
    fn model(&self) -> &str {
        self.guard.label()
    }

    async fn rerank(&self, query: &str, texts: &[String]) -> Result<Vec<f32>, LlmError> {
        let mut scores = Vec::with_capacity(texts.len());
        for batch in texts.chunks(self.batch) {
            scores.extend(self.batch(query, batch).await?);
        }
        Ok(scores)
    }
}
