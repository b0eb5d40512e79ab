//! Configuration: `config.default.toml` (compiled in), then `vpaura.toml`, then `.env`, then the
//! environment, read into plain structs and checked, with every problem reported at once.
//!
//! It must not know: what the settings are used for. It connects to nothing, and names no type
//! of the crates that it configures.
//!
//! # Adding a key
//! Put it, with its default and a comment, into `config.default.toml` (that makes it known in
//! the file and as `VPAURA__SECTION__KEY`), add the field to its struct in `sections/` and read
//! it there. A key without a default is a line `#key = example`.

mod environment;
mod error;
mod key;
mod load;
mod model;
mod reader;
mod schema;
mod secret_file;
mod sections;
mod settings;
mod sources;

pub use error::{ConfigError, Origin, Problem};
pub use load::Config;
pub use sections::app::{AppConfig, Environment};
pub use sections::auth::{AuthConfig, AuthPolicy, Registration};
pub use sections::files::{ExtractConfig, FilesConfig, S3Config, ScannerAddress, StorageConfig};
pub use sections::knowledge::KnowledgeConfig;
pub use sections::limits::LimitsConfig;
pub use sections::llm::{
    BedrockConfig, BreakerConfig, LlmConfig, LlmTimers, ModelConfig, ProviderConfig, RetryConfig,
};
pub use sections::log::{LogConfig, LogFormat, LogLevel, PromptsConfig};
pub use sections::mail::MailConfig;
pub use sections::oidc::OidcConfig;
pub use sections::runs::RunsConfig;
pub use sections::server::{AllowedOrigins, ServerConfig};
pub use sections::storage::{DataConfig, DatabaseConfig, RedisConfig};
pub use sections::tools::{ApproveTools, ToolName, ToolsConfig};
pub use sources::Sources;
