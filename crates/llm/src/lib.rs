//! Models: one request and one event stream whatever the provider, with routing, retries,
//! fallback, timers and circuit breakers in front; token counting and prices; the built-in
//! extractive model that needs no network; and the scripted fake for tests. Also embedders and
//! rerankers, and the fetcher of foreign addresses.
//!
//! This is the only crate that knows a provider's JSON, and the only one that makes outbound
//! HTTP clients. It must not know: conversations, runs, databases, our own HTTP API, or how
//! passages were found.

mod catalog;
mod citations;
mod embed;
mod error;
mod event;
mod extractive;
mod fetch;
mod guard;
mod http;
mod model;
mod model_ref;
mod prompt;
mod providers;
mod request;
mod rerank;
mod router;
mod scripted;
mod settings;
mod sse;
mod tokens;
mod wire_text;

pub use catalog::{ModelInfo, Price};
pub use embed::family::{Instructions, instructions};
pub use embed::fitting::fitting_embedder;
pub use embed::{Embedder, EmbedderOptions, Purpose};
pub use error::{ErrorKind, LlmError, Timer};
pub use event::{ModelEvent, ModelStream, StopReason, TokenUsage};
pub use extractive::{EXTRACTIVE_MODEL, ExtractiveModel};
pub use fetch::{FetchError, FetchSettings, Fetched, Fetcher, Lookup};
pub use http::client as http_client;
pub use model::ChatModel;
pub use model_ref::{InvalidModelRef, ModelRef};
pub use providers::{AuthStyle, Host, embedder, hosts, reranker};
pub use request::{ChatMessage, ChatRequest, Content, Params, Passage, ReasoningEffort, ToolSpec};
pub use reqwest::{
    Body as HttpBody, Client as HttpClient, RequestBuilder as HttpRequest, Response as HttpResponse,
};
pub use rerank::Reranker;
pub use router::{CircuitState, Jitter, ProviderCheck, Router};
pub use scripted::{Script, ScriptedModel};
pub use settings::{
    BreakerSettings, LimitSettings, ModelSettings, ProviderSettings, RetrySettings, RouterSettings,
    TimerSettings,
};
pub use sse::{SseError, SseEvent, SseReader};
pub use tokens::{count_tokens, count_tokens_up_to};
