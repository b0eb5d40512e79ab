//! Why a measurement failed.

/// The result of a measurement.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a measurement failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] vpaura_engine::Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] vpaura_store::StoreError),
    /// The configuration.
    #[error(transparent)]
    Config(#[from] vpaura_config::ConfigError),
    /// The models.
    #[error(transparent)]
    Models(#[from] vpaura_llm::LlmError),
    /// The prompts.
    #[error(transparent)]
    Prompts(#[from] vpaura_engine::PromptError),
    /// What should be there is not.
    #[error("{0}")]
    Wrong(String),
}
