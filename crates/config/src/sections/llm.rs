//! `[llm]`: providers, models, and how long they are waited for.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;

use crate::model;
use crate::reader::Reader;

/// `[llm]`.
#[derive(Debug, Clone)]
pub struct LlmConfig {
    /// Default model, always as `provider/model`.
    pub model: String,
    /// Models tried next, as `provider/model`.
    pub fallbacks: Vec<String>,
    /// Randomness of answers, 0 to 2; `None` leaves it to the provider.
    pub temperature: Option<f32>,
    /// Most tokens of an answer.
    pub max_tokens: u32,
    /// How long each thing may take.
    pub timers: LlmTimers,
    /// Attempts at one model.
    pub retry: RetryConfig,
    /// When a model is left alone.
    pub breaker: BreakerConfig,
    /// Largest answer, in bytes.
    pub max_answer_bytes: usize,
    /// The configured providers, ordered by name. The built-in model is not among them.
    pub providers: Vec<ProviderConfig>,
    /// What is known of models, by `provider/model`.
    pub models: BTreeMap<String, ModelConfig>,
    /// Amazon Bedrock, for a later version.
    pub bedrock: BedrockConfig,
}

/// How long each thing of a model call may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LlmTimers {
    /// To connect.
    pub connect: Duration,
    /// To the first token.
    pub first_token: Duration,
    /// Between two tokens.
    pub idle: Duration,
    /// One tool.
    pub tool: Duration,
    /// The whole answer.
    pub total: Duration,
}

/// Attempts at one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryConfig {
    /// How many, the first included.
    pub max_attempts: u32,
    /// Pause before the second attempt, before jitter; doubled each time.
    pub base: Duration,
    /// Longest pause.
    pub max: Duration,
}

/// When a model is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakerConfig {
    /// Failures in a row that open the breaker.
    pub failures: u32,
    /// How long it stays open.
    pub cooldown: Duration,
}

/// `[llm.providers.<name>]`.
#[derive(Debug, Clone)]
pub struct ProviderConfig {
    /// The section's name: the part of a model's id before the slash.
    pub name: String,
    /// Dialect or host, for example `openai`, `anthropic`, `azure`, `ollama`.
    pub kind: String,
    /// Address of the API without a slash at the end; `None` takes the host's own.
    pub base_url: Option<String>,
    /// Key of the API.
    pub api_key: Option<SecretString>,
    /// Version of the API (Azure).
    pub api_version: Option<String>,
    /// Models offered to people.
    pub models: Vec<String>,
}

/// `[llm.models."provider/model"]`: overrides of the built-in table of models.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelConfig {
    /// Tokens that question and answer may have together.
    pub context_window: Option<u32>,
    /// Tokens that an answer may have.
    pub max_output: Option<u32>,
    /// Micro-dollars per million input tokens.
    pub input_price: Option<u64>,
    /// Micro-dollars per million cached input tokens.
    pub cached_price: Option<u64>,
    /// Micro-dollars per million output tokens.
    pub output_price: Option<u64>,
    /// Whether it can use tools.
    pub tools: Option<bool>,
}

/// `[llm.bedrock]`: accepted, and not used yet.
#[derive(Debug, Clone)]
pub struct BedrockConfig {
    /// Model to use there.
    pub model_id: Option<String>,
    /// Region to use.
    pub region: Option<String>,
}

const MAX_PRICE: i64 = 1_000_000_000_000;
const MAX_TOKENS: i64 = 100_000_000;

impl LlmConfig {
    pub(crate) fn read(r: &mut Reader<'_>) -> Self {
        let mut providers = read_providers(r);
        let model = model::default_model(r, &mut providers);
        let fallbacks = model::fallbacks(r, &mut providers);
        Self {
            model,
            fallbacks,
            temperature: r.float("llm.temperature", 0.0..=2.0),
            max_tokens: r.integer("llm.max_tokens", 1..=1_000_000),
            timers: LlmTimers {
                connect: r.seconds("llm.connect_timeout_seconds", 1..=300),
                first_token: r.seconds("llm.first_token_timeout_seconds", 1..=3600),
                idle: r.seconds("llm.idle_timeout_seconds", 1..=3600),
                tool: r.seconds("llm.tool_timeout_seconds", 1..=3600),
                total: r.seconds("llm.total_timeout_seconds", 1..=86_400),
            },
            retry: RetryConfig {
                max_attempts: r.integer("llm.max_attempts", 1..=10),
                base: r.milliseconds("llm.retry_base_ms", 1..=60_000),
                max: r.milliseconds("llm.retry_max_ms", 1..=600_000),
            },
            breaker: BreakerConfig {
                failures: r.integer("llm.breaker_failures", 1..=1000),
                cooldown: r.seconds("llm.breaker_cooldown_seconds", 1..=3600),
            },
            max_answer_bytes: r.integer("llm.max_answer_bytes", 1024..=1_073_741_824),
            providers,
            models: read_models(r),
            bedrock: BedrockConfig {
                model_id: r.optional_text("llm.bedrock.model_id"),
                region: r.optional_text("llm.bedrock.region"),
            },
        }
    }
}

fn read_providers(r: &mut Reader<'_>) -> Vec<ProviderConfig> {
    let names = r.names("llm.providers");
    names
        .into_iter()
        .map(|name| {
            let mut section = r.named("llm.providers", &name);
            if name == model::BUILTIN || name.contains('/') {
                section.refuse("kind", "another section name: no slash, and not \"builtin\"");
            }
            ProviderConfig {
                kind: section.optional_text("kind").unwrap_or_else(|| name.clone()),
                base_url: section.parsed("base_url", "an http or https URL", model::parse_base_url),
                api_key: section.secret("api_key"),
                api_version: section.optional_text("api_version"),
                models: section.list("models"),
                name,
            }
        })
        .collect()
}

fn read_models(r: &mut Reader<'_>) -> BTreeMap<String, ModelConfig> {
    let names = r.names("llm.models");
    names
        .into_iter()
        .map(|name| {
            let mut section = r.named("llm.models", &name);
            let model = ModelConfig {
                context_window: section.optional_integer("context_window", 256..=MAX_TOKENS),
                max_output: section.optional_integer("max_output", 1..=MAX_TOKENS),
                input_price: section.optional_integer("input_price", 0..=MAX_PRICE),
                cached_price: section.optional_integer("cached_price", 0..=MAX_PRICE),
                output_price: section.optional_integer("output_price", 0..=MAX_PRICE),
                tools: section.optional_boolean("tools"),
            };
            (name, model)
        })
        .collect()
}
