//! The JSON of embeddings.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::super::retrieval::{EmbeddingWire, PurposeField, Retrieval};
use super::numbers::Numbers;
use crate::{LlmError, Purpose};

/// What is asked.
pub(super) struct Request<'a> {
    pub model: &'a str,
    pub texts: &'a [Cow<'a, str>],
    pub purpose: Purpose,
    pub dimensions: Option<u32>,
    pub retrieval: &'a Retrieval,
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    input: &'a [Cow<'a, str>],
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimension: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding_format: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    truncate: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<&'static str>,
}

impl Request<'_> {
    pub(super) fn body(&self) -> Result<Vec<u8>, LlmError> {
        let said = |query, document| match self.purpose {
            Purpose::Query => Some(query),
            Purpose::Document => Some(document),
        };
        let of_voyage = self.retrieval.purpose == PurposeField::InputType;
        let body = Body {
            model: self.model,
            input: self.texts,
            dimensions: self.dimensions.filter(|_| !of_voyage),
            output_dimension: self.dimensions.filter(|_| of_voyage),
            encoding_format: match self.retrieval.embeddings {
                EmbeddingWire::OpenAi { base64: true } => Some("base64"),
                _ => None,
            },
            truncate: (self.retrieval.embeddings == EmbeddingWire::Ollama).then_some(true),
            input_type: if of_voyage { said("query", "document") } else { None },
            task: match self.retrieval.purpose {
                PurposeField::Task => said("retrieval.query", "retrieval.passage"),
                _ => None,
            },
        };
        serde_json::to_vec(&body)
            .map_err(|error| LlmError::Settings(format!("the request cannot be written: {error}")))
    }
}

#[derive(Deserialize)]
struct OpenAiAnswer {
    data: Vec<OpenAiItem>,
}

#[derive(Deserialize)]
struct OpenAiItem {
    index: Option<usize>,
    embedding: Numbers,
}

#[derive(Deserialize)]
struct OllamaAnswer {
    embeddings: Vec<Numbers>,
}

/// The vectors of an answer in OpenAI's format, by their numbers, or in their order where they
/// have none.
pub(super) fn read_openai(body: &[u8], expected: usize) -> Result<Vec<Vec<f32>>, LlmError> {
    let answer: OpenAiAnswer = parse(body)?;
    let mut vectors = vec![Vec::new(); expected];
    let mut count = 0;
    for (place, item) in answer.data.into_iter().enumerate() {
        count += 1;
        match vectors.get_mut(item.index.unwrap_or(place)) {
            Some(slot) if slot.is_empty() => *slot = item.embedding.0,
            _ => return Err(LlmError::protocol("a vector for no text")),
        }
    }
    counted(vectors, count, expected)
}

/// The vectors of an answer in Ollama's format.
pub(super) fn read_ollama(body: &[u8], expected: usize) -> Result<Vec<Vec<f32>>, LlmError> {
    let answer: OllamaAnswer = parse(body)?;
    let vectors: Vec<Vec<f32>> = answer.embeddings.into_iter().map(|numbers| numbers.0).collect();
    let count = vectors.len();
    counted(vectors, count, expected)
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, LlmError> {
    serde_json::from_slice(body).map_err(|error| LlmError::protocol(format!("the answer: {error}")))
}

fn counted<T>(vectors: T, count: usize, expected: usize) -> Result<T, LlmError> {
    if count == expected {
        return Ok(vectors);
    }
    Err(LlmError::protocol(format!("{count} vectors for {expected} texts")))
}
