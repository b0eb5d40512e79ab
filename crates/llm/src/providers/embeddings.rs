//! Embeddings of providers: OpenAI's format and Ollama's.

mod numbers;
mod wire;

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};
use http::header::CONTENT_TYPE;
use vpaura_domain::Clock;

use super::Endpoint;
use super::hosts::Dialect;
use super::retrieval::{EmbeddingWire, Retrieval, of_host};
use crate::embed::batches::{BatchLimits, batches, beginning};
use crate::embed::family;
use crate::guard::Guard;
use crate::http::{read_whole, send_error};
use crate::{
    Embedder, EmbedderOptions, Instructions, Jitter, LlmError, ModelRef, Purpose, RouterSettings,
};

/// The most bytes of one answer.
const MAX_ANSWER: usize = 128 * 1024 * 1024;
/// The most tokens of one request; OpenAI's limit is 300,000.
const MAX_BATCH_TOKENS: usize = 100_000;
/// How many requests are under way at once for one call, to a host that is not one's own.
const AT_ONCE: usize = 4;
/// How often texts are cut shorter when the model still finds them too long.
const MAX_CUTS: u32 = 4;

/// A provider's embedding model.
struct RemoteEmbedder {
    endpoint: Endpoint,
    retrieval: Retrieval,
    model: String,
    guard: Guard,
    options: EmbedderOptions,
    instructions: Instructions,
    /// The most tokens of a text, by our count.
    longest: usize,
    /// How many numbers the last vectors had; none before the first.
    dimension: AtomicUsize,
}

/// The embedding model `model` of one of the providers in `settings`. A local host that is not
/// among them is taken at its usual address.
///
/// # Errors
/// [`LlmError::Settings`] when there is no such provider, or it has no embeddings.
pub fn embedder(
    settings: &RouterSettings,
    model: &ModelRef,
    options: EmbedderOptions,
    clock: Arc<dyn Clock>,
    jitter: Jitter,
) -> Result<Arc<dyn Embedder>, LlmError> {
    let endpoint = super::endpoint_of(settings, model, clock)?;
    let retrieval = of_host(endpoint.host).ok_or_else(|| {
        LlmError::Settings(format!("provider {}: it has no embeddings", model.provider))
    })?;
    Ok(Arc::new(RemoteEmbedder {
        retrieval,
        model: model.model.clone(),
        guard: Guard::new(model.clone(), settings, jitter),
        options,
        instructions: family::instructions(&model.model),
        longest: family::longest(&model.model),
        dimension: AtomicUsize::new(0),
        endpoint,
    }))
}

impl RemoteEmbedder {
    /// The vectors of one batch.
    async fn batch(
        &self,
        texts: &[Cow<'_, str>],
        purpose: Purpose,
    ) -> Result<Vec<Vec<f32>>, LlmError> {
        let mut cut: Cow<'_, [Cow<'_, str>]> = Cow::Borrowed(texts);
        let mut longest = self.longest;
        for _ in 0..MAX_CUTS {
            match self.guard.call(|| self.ask(&cut, purpose)).await {
                // The model counts otherwise than we do, or reads less than was thought.
                Err(LlmError::ContextTooLong { .. }) => {
                    longest /= 2;
                    let shorter = |text| Cow::Borrowed(beginning(text, longest));
                    cut = texts.iter().map(|text| shorter(text.as_ref())).collect();
                }
                outcome => return outcome,
            }
        }
        self.guard.call(|| self.ask(&cut, purpose)).await
    }

    /// One request.
    async fn ask(
        &self,
        texts: &[Cow<'_, str>],
        purpose: Purpose,
    ) -> Result<Vec<Vec<f32>>, LlmError> {
        let request = wire::Request {
            model: &self.model,
            texts,
            purpose,
            dimensions: self.options.dimensions,
            retrieval: &self.retrieval,
        };
        let response = self
            .endpoint
            .authorised(self.endpoint.client.post(self.url()))
            .header(CONTENT_TYPE, "application/json")
            .body(request.body()?)
            .send()
            .await
            .map_err(|error| send_error(&error))?;
        if !response.status().is_success() {
            return Err(super::failure::refusal(response, &self.endpoint).await);
        }
        let body = read_whole(response, MAX_ANSWER).await?;
        let vectors = match self.retrieval.embeddings {
            EmbeddingWire::OpenAi { .. } => wire::read_openai(&body, texts.len())?,
            EmbeddingWire::Ollama => wire::read_ollama(&body, texts.len())?,
        };
        self.checked(vectors)
    }

    /// The vectors with length 1, all of the dimension that was asked for. Where none was, the model
    /// may have another than before: whoever keeps vectors looks whether they fit the others.
    fn checked(&self, mut vectors: Vec<Vec<f32>>) -> Result<Vec<Vec<f32>>, LlmError> {
        let Some(first) = vectors.first().map(Vec::len) else { return Ok(vectors) };
        let expected = self.options.dimensions.map_or(first, |asked| asked as usize);
        all_have(&vectors, expected)?;
        for vector in &mut vectors {
            numbers::normalise(vector)?;
        }
        self.dimension.store(expected, Ordering::Relaxed);
        Ok(vectors)
    }

    fn url(&self) -> url::Url {
        match (self.endpoint.host.dialect, self.retrieval.embeddings) {
            (Dialect::OpenAi(quirks), _) if quirks.deployments => {
                self.endpoint.deployment_url(&self.model, &["embeddings"])
            }
            (_, EmbeddingWire::Ollama) => {
                // Its address is given as that of its OpenAI-compatible side.
                let mut url = self.endpoint.base_url.clone();
                let path = url.path().trim_end_matches('/');
                let path = format!("{}/api/embed", path.strip_suffix("/v1").unwrap_or(path));
                url.set_path(&path);
                url
            }
            _ => self.endpoint.url(self.retrieval.embeddings_path),
        }
    }

    /// A text as the model wants it.
    fn prepared<'a>(&self, text: &'a str, purpose: Purpose) -> Cow<'a, str> {
        let before = match purpose {
            Purpose::Query => self.instructions.query,
            Purpose::Document => self.instructions.document,
        };
        if before.is_empty() {
            return Cow::Borrowed(beginning(text, self.longest));
        }
        let whole = format!("{before}{text}");
        let length = beginning(&whole, self.longest).len();
        Cow::Owned(whole[..length].to_owned())
    }
}

#[async_trait]
impl Embedder for RemoteEmbedder {
    fn model(&self) -> &str {
        self.guard.label()
    }

    async fn dimension(&self) -> Result<u32, LlmError> {
        if let Some(asked) = self.options.dimensions {
            return Ok(asked);
        }
        if self.dimension.load(Ordering::Relaxed) == 0 {
            self.batch(&[Cow::Borrowed("dimension")], Purpose::Query).await?;
        }
        let found = u32::try_from(self.dimension.load(Ordering::Relaxed)).ok();
        found
            .filter(|&found| found > 0)
            .ok_or_else(|| LlmError::protocol("the model gave no vector"))
    }

    async fn embed(&self, texts: &[String], purpose: Purpose) -> Result<Vec<Vec<f32>>, LlmError> {
        if texts.iter().any(|text| text.trim().is_empty()) {
            return Err(LlmError::BadRequest { detail: "a blank text cannot be embedded".into() });
        }
        let limits = BatchLimits {
            texts: self.options.batch.clamp(1, self.retrieval.batch),
            tokens: MAX_BATCH_TOKENS,
        };
        let at_once = if self.endpoint.host.local { 1 } else { AT_ONCE };
        let prepared = texts.iter().map(|text| self.prepared(text, purpose)).collect();
        let batches = batches(prepared, limits);
        let calls: Vec<_> = batches.iter().map(|batch| self.batch(batch, purpose)).collect();
        let vectors: Vec<Vec<Vec<f32>>> =
            stream::iter(calls).buffered(at_once).try_collect().await?;
        let vectors: Vec<Vec<f32>> = vectors.into_iter().flatten().collect();
        // A model may be replaced between two batches.
        all_have(&vectors, vectors.first().map_or(0, Vec::len))?;
        Ok(vectors)
    }
}

/// Refuses vectors of which one has another dimension.
fn all_have(vectors: &[Vec<f32>], dimension: usize) -> Result<(), LlmError> {
    match vectors.iter().map(Vec::len).find(|found| *found != dimension) {
        None => Ok(()),
        Some(found) => {
            Err(LlmError::protocol(format!("a vector of {found} numbers instead of {dimension}")))
        }
    }
}
