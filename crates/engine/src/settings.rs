//! What of the configuration the engine itself uses.

use secrecy::SecretString;
use vpaura_config::{AuthPolicy, Config, FilesConfig, LimitsConfig, RunsConfig, ToolsConfig};

/// The engine's settings.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// Leases, batches and limits of runs.
    pub runs: RunsConfig,
    /// What models may use.
    pub tools: ToolsConfig,
    /// Rate limits.
    pub limits: LimitsConfig,
    /// Signs session tokens and share links.
    pub secret: SecretString,
    /// Signs access tokens.
    pub jwt_secret: SecretString,
    /// Who comes in, and how.
    pub auth: AuthPolicy,
    /// The name of this installation.
    pub app_name: String,
    /// Where people reach it, without a slash at the end; none when unknown.
    pub public_url: Option<String>,
    /// How long a session's token is valid.
    pub session_life: std::time::Duration,
    /// The operator's API key.
    pub api_key: Option<SecretString>,
    /// Where files are kept, and how they are read.
    pub files: FilesConfig,
    /// How many documents are read at the same time, at most.
    pub ingestion_workers: usize,
    /// Bytes of the search index that are kept in memory.
    pub index_cache_bytes: u64,
    /// The largest upload, in bytes.
    pub upload_bytes: u64,
    /// The largest message, in bytes.
    pub message_bytes: usize,
    /// The randomness of answers when a request says nothing.
    pub temperature: Option<f32>,
    /// The answer's limit in tokens when a request says nothing.
    pub max_tokens: Option<u32>,
    /// The longest that one tool may take.
    pub tool_timeout: std::time::Duration,
}

impl From<&Config> for EngineSettings {
    fn from(config: &Config) -> Self {
        Self {
            runs: config.runs.clone(),
            tools: config.tools.clone(),
            limits: config.limits.clone(),
            secret: config.auth.session_secret.clone(),
            jwt_secret: config.auth.jwt_secret.clone(),
            auth: config.auth.policy.clone(),
            app_name: config.app.name.clone(),
            public_url: config.server.public_url.clone(),
            session_life: config.auth.policy.session_life,
            api_key: config.auth.api_key.clone(),
            files: config.files.clone(),
            ingestion_workers: config.knowledge.workers,
            index_cache_bytes: config.knowledge.cache_bytes,
            upload_bytes: config.limits.upload_bytes,
            message_bytes: config.limits.message_bytes,
            temperature: config.llm.temperature,
            max_tokens: Some(config.llm.max_tokens),
            tool_timeout: config.llm.timers.tool,
        }
    }
}
