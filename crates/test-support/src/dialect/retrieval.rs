//! Embeddings (OpenAI's format and Ollama's) and judgements of passages (Cohere's, Jina's and vLLM's
//! format, and that of Hugging Face's text-embeddings-inference).
//!
//! Without a script a vector counts the words of its text, so texts with the same words are near
//! each other; a judgement is the share of the question's words that a passage has.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::RecordedRequest;

/// How many numbers a vector has when nobody asks for another count.
const DIMENSION: u64 = 8;

/// Which format a request is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retrieval {
    OpenAiEmbeddings,
    OllamaEmbeddings,
    Rerank,
}

/// The answer to a request without a script.
pub(crate) fn answer(kind: Retrieval, request: &RecordedRequest) -> Value {
    match kind {
        Retrieval::OpenAiEmbeddings => openai(request),
        Retrieval::OllamaEmbeddings => {
            let vectors: Vec<Vec<f32>> = texts(&request.body["input"])
                .iter()
                .map(|text| vector(text, dimension(request)))
                .collect();
            json!({"model": request.body["model"], "embeddings": vectors,
                "total_duration": 14_143_917, "load_duration": 1_019_500, "prompt_eval_count": 8})
        }
        Retrieval::Rerank => rerank(request),
    }
}

fn openai(request: &RecordedRequest) -> Value {
    let texts = texts(&request.body["input"]);
    let packed = request.body["encoding_format"] == "base64";
    let data: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let vector = vector(text, dimension(request));
            let embedding = if packed {
                let bytes: Vec<u8> =
                    vector.iter().flat_map(|number| number.to_le_bytes()).collect();
                json!(STANDARD.encode(bytes))
            } else {
                json!(vector)
            };
            json!({"object": "embedding", "index": index, "embedding": embedding})
        })
        .collect();
    let tokens: usize = texts.iter().map(|text| text.len().div_ceil(4)).sum();
    json!({"object": "list", "data": data, "model": request.body["model"],
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens}})
}

fn rerank(request: &RecordedRequest) -> Value {
    let words = |text: &str| -> HashSet<String> {
        text.to_lowercase().split_whitespace().map(str::to_owned).collect()
    };
    let query = words(request.body["query"].as_str().unwrap_or_default());
    let bare = request.body.get("texts").is_some();
    let passages = texts(&request.body[if bare { "texts" } else { "documents" }]);
    let mut judged: Vec<(usize, f64)> = passages
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let shared = words(text).intersection(&query).count();
            (index, shared as f64 / query.len().max(1) as f64)
        })
        .collect();
    judged.sort_by(|a, b| b.1.total_cmp(&a.1));
    let items = |name: &str| -> Value {
        judged.iter().map(|(index, score)| json!({"index": index, name: score})).collect()
    };
    if bare {
        return items("score");
    }
    json!({"id": "rerank-scripted", "results": items("relevance_score"),
        "meta": {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}}})
}

/// The texts of an input, which may be a single one.
fn texts(input: &Value) -> Vec<String> {
    match input {
        Value::String(text) => vec![text.clone()],
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn dimension(request: &RecordedRequest) -> u64 {
    request.body["dimensions"].as_u64().unwrap_or(DIMENSION).max(1)
}

/// How often words of each sort occur; never all zero, and not of length 1.
fn vector(text: &str, dimension: u64) -> Vec<f32> {
    let mut counts = vec![0.01_f32; usize::try_from(dimension).unwrap_or(1)];
    for word in text.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty())
    {
        // FNV-1a: the same on every machine.
        let hash = word.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let place = usize::try_from(hash % dimension).unwrap_or(0);
        if let Some(count) = counts.get_mut(place) {
            *count += 1.0;
        }
    }
    counts
}
