//! Models: one request and one event stream whatever the provider, with routing, retries,
//! fallback, timers and circuit breakers in front; token counting and prices; the built-in
//! extractive model that needs no network; and the scripted fake for tests.
//!
//! This is the only crate that knows a provider's JSON, and the only one that makes outbound
//! HTTP clients. It must not know: conversations, runs, databases, our own HTTP API, or how
//! passages were found.

mod catalog;
mod citations;
mod error;
mod event;
mod extractive;
mod http;
mod model;
mod model_ref;
mod prompt;
mod providers;
mod request;
mod router;
mod scripted;
mod settings;
mod sse;
mod tokens;
mod wire_text;

pub use catalog::{ModelInfo, Price};
pub use error::{ErrorKind, LlmError, Timer};
pub use event::{ModelEvent, ModelStream, StopReason, TokenUsage};
pub use extractive::{EXTRACTIVE_MODEL, ExtractiveModel};
pub use http::client as http_client;
pub use model::ChatModel;
pub use model_ref::{InvalidModelRef, ModelRef};
pub use providers::{AuthStyle, Host, hosts};
pub use request::{ChatMessage, ChatRequest, Content, Params, Passage, ReasoningEffort, ToolSpec};
pub use reqwest::{Client as HttpClient, RequestBuilder as HttpRequest, Response as HttpResponse};
pub use router::{CircuitState, Jitter, ProviderCheck, Router};
pub use scripted::{Script, ScriptedModel};
pub use settings::{
    BreakerSettings, LimitSettings, ModelSettings, ProviderSettings, RetrySettings, RouterSettings,
    TimerSettings,
};
pub use sse::{SseError, SseEvent, SseReader};
pub use tokens::{count_tokens, count_tokens_up_to};
