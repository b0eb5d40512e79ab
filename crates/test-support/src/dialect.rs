//! The wire formats, written from their vendors' documentation.

mod anthropic;
mod openai;
mod retrieval;

use http::Method;
use serde_json::{Value, json};

use crate::{RecordedRequest, Reply, ReplyUsage, Step};
pub(crate) use retrieval::{Retrieval, answer as retrieved};

/// Which format a request is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    OpenAi,
    Anthropic,
}

/// What a request wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Answer(Dialect),
    Models(Dialect),
    Retrieved(Retrieval),
    Unknown,
}

/// Reads it from the method, the path and (for the list of models, which both have) the headers.
pub(crate) fn wanted(method: &Method, request: &RecordedRequest) -> Wanted {
    let path = request.path.split('?').next().unwrap_or_default();
    let dialect = if request.headers.contains_key("anthropic-version") {
        Dialect::Anthropic
    } else {
        Dialect::OpenAi
    };
    match *method {
        Method::POST if path.ends_with("/chat/completions") => Wanted::Answer(Dialect::OpenAi),
        Method::POST if path.ends_with("/messages") => Wanted::Answer(Dialect::Anthropic),
        Method::POST if path.ends_with("/embeddings") => {
            Wanted::Retrieved(Retrieval::OpenAiEmbeddings)
        }
        Method::POST if path.ends_with("/api/embed") => {
            Wanted::Retrieved(Retrieval::OllamaEmbeddings)
        }
        Method::POST if path.ends_with("/rerank") => Wanted::Retrieved(Retrieval::Rerank),
        Method::GET if path.ends_with("/models") => Wanted::Models(dialect),
        _ => Wanted::Unknown,
    }
}

/// Writes one streamed answer, event by event.
pub(crate) enum Writer {
    OpenAi(openai::Writer),
    Anthropic(anthropic::Writer),
}

/// One event: its name (may be empty) and its data.
pub(crate) type Event = (&'static str, String);

impl Writer {
    pub(crate) fn new(dialect: Dialect, request: &RecordedRequest, reply: &Reply) -> Self {
        let model = model(request);
        match dialect {
            Dialect::OpenAi => Self::OpenAi(openai::Writer::new(
                model,
                reply,
                request.body["stream_options"]["include_usage"] == true,
            )),
            Dialect::Anthropic => Self::Anthropic(anthropic::Writer::new(model, reply)),
        }
    }

    /// The events before the first step.
    pub(crate) fn start(&self) -> Vec<Event> {
        match self {
            Self::OpenAi(writer) => writer.start(),
            Self::Anthropic(writer) => writer.start(),
        }
    }

    /// The events of a step that says something; none for the others.
    pub(crate) fn step(&mut self, step: &Step) -> Vec<Event> {
        match self {
            Self::OpenAi(writer) => writer.step(step),
            Self::Anthropic(writer) => writer.step(step),
        }
    }

    /// The events after the last step, the very last one apart.
    pub(crate) fn finish(&mut self) -> (Vec<Event>, Event) {
        match self {
            Self::OpenAi(writer) => writer.finish(),
            Self::Anthropic(writer) => writer.finish(),
        }
    }
}

/// A whole answer that is not streamed.
pub(crate) fn whole(dialect: Dialect, request: &RecordedRequest, reply: &Reply) -> Value {
    match dialect {
        Dialect::OpenAi => openai::whole(model(request), reply),
        Dialect::Anthropic => anthropic::whole(model(request), reply),
    }
}

/// A refusal.
pub(crate) fn error(dialect: Dialect, kind: &str, message: &str) -> Value {
    match dialect {
        Dialect::OpenAi => openai::error(kind, message),
        Dialect::Anthropic => anthropic::error(kind, message),
    }
}

/// The list of models.
pub(crate) fn models(dialect: Dialect) -> Value {
    match dialect {
        Dialect::OpenAi => json!({"object": "list", "data": [
            {"id": "scripted", "object": "model", "created": 0, "owned_by": "scripted"}]}),
        Dialect::Anthropic => json!({"data": [{"type": "model", "id": "scripted",
            "display_name": "Scripted", "created_at": "2026-01-01T00:00:00Z"}],
            "has_more": false, "first_id": "scripted", "last_id": "scripted"}),
    }
}

fn model(request: &RecordedRequest) -> &str {
    request.body["model"].as_str().unwrap_or("scripted")
}

/// The texts of an answer, joined.
fn joined(reply: &Reply, pick: impl Fn(&Step) -> Option<&String>) -> String {
    reply.steps.iter().filter_map(pick).map(String::as_str).collect()
}

/// OpenAI's usage object.
fn openai_usage(usage: &ReplyUsage) -> Value {
    json!({
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    })
}

/// Anthropic's usage object: cached tokens are not part of its input.
fn anthropic_usage(usage: &ReplyUsage, output: u64) -> Value {
    json!({
        "input_tokens": usage.input.saturating_sub(usage.cached + usage.cache_written),
        "cache_creation_input_tokens": usage.cache_written,
        "cache_read_input_tokens": usage.cached,
        "output_tokens": output,
    })
}
