//! What the router is built from: plain data, filled by whoever reads the configuration.

use std::time::Duration;

use secrecy::SecretString;

use crate::{ModelRef, Price};

/// Everything the router needs to know. The default is the built-in model alone.
#[derive(Debug, Clone, Default)]
pub struct RouterSettings {
    /// The providers; names must be unique and not `builtin`.
    pub providers: Vec<ProviderSettings>,
    /// The model used where none is asked for. Absent: the first provider's first model, or
    /// `builtin/extractive` when there is none.
    pub default_model: Option<ModelRef>,
    /// Models tried in this order when the one asked for fails before its first token.
    pub fallbacks: Vec<ModelRef>,
    /// How long to wait.
    pub timers: TimerSettings,
    /// When to try again.
    pub retry: RetrySettings,
    /// When to stop trying.
    pub breaker: BreakerSettings,
    /// Limits of one answer.
    pub limits: LimitSettings,
}

/// One provider.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// Its name, the first half of its models' names.
    pub name: String,
    /// What it speaks: the name of a row of [`crate::hosts`], for example `openai`, `anthropic`,
    /// `ollama`, `azure`; `openai-compatible` for any other host.
    pub kind: String,
    /// Where it is; absent: the row's own address.
    pub base_url: Option<String>,
    /// Its key; never printed.
    pub api_key: Option<SecretString>,
    /// The API version, for hosts that want one in the address (Azure).
    pub api_version: Option<String>,
    /// The models offered; empty: those that the catalogue knows of this host.
    pub models: Vec<ModelSettings>,
}

impl ProviderSettings {
    /// A provider called like its kind, with everything else at its default.
    pub fn new(kind: impl Into<String>) -> Self {
        let kind = kind.into();
        Self {
            name: kind.clone(),
            kind,
            base_url: None,
            api_key: None,
            api_version: None,
            models: Vec::new(),
        }
    }
}

/// One model of a provider; what is absent comes from the catalogue.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelSettings {
    /// The provider's name for it.
    pub name: String,
    /// The name shown to people.
    pub display_name: Option<String>,
    /// Tokens it can read and write together.
    pub context_window: Option<u32>,
    /// Tokens it can write.
    pub max_output: Option<u32>,
    /// What it costs.
    pub price: Option<Price>,
    /// Whether it can use tools.
    pub tools: Option<bool>,
}

impl<S: Into<String>> From<S> for ModelSettings {
    fn from(name: S) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// How long to wait. The fifth timer, of tools, belongs to whoever runs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimerSettings {
    /// For a connection, names and TLS included.
    pub connect: Duration,
    /// From sending the request to the first token, for each attempt.
    pub first_token: Duration,
    /// From one token to the next.
    pub between_tokens: Duration,
    /// For the whole answer, with all attempts and waits.
    pub total: Duration,
}

impl Default for TimerSettings {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_token: Duration::from_secs(60),
            between_tokens: Duration::from_secs(60),
            total: Duration::from_secs(600),
        }
    }
}

/// When to try the same model again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetrySettings {
    /// Attempts in all, at least 1.
    pub attempts: u32,
    /// The longest first wait; it doubles with each attempt, and the actual wait is a random part
    /// of it.
    pub base: Duration,
    /// The longest wait by doubling.
    pub cap: Duration,
    /// The longest Retry-After that is waited out; with a longer one the next model is tried or
    /// the call fails at once.
    pub max_retry_after: Duration,
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self {
            attempts: 3,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(8),
            max_retry_after: Duration::from_secs(20),
        }
    }
}

/// When a model's circuit opens: it is then not asked at all for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerSettings {
    /// It opens after this many failures in a row.
    pub consecutive_failures: u32,
    /// It also opens when, of the last [`BreakerSettings::window`] calls, this many per cent
    /// failed.
    pub failure_percent: u32,
    /// How many calls the rate looks back on, at most 64; it is not judged before that many.
    pub window: u32,
    /// How long it stays open before one call may probe.
    pub open_for: Duration,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            consecutive_failures: 5,
            failure_percent: 50,
            window: 20,
            open_for: Duration::from_secs(15),
        }
    }
}

/// Limits of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitSettings {
    /// The most bytes of text, reasoning and tool arguments, with 16 more for each piece.
    pub answer_bytes: u64,
    /// The most bytes of one line or event of a provider's stream.
    pub event_bytes: usize,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self { answer_bytes: 16 * 1024 * 1024, event_bytes: 1024 * 1024 }
    }
}
