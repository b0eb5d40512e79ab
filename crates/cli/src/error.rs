//! Why a command failed, in words for the terminal.

use vpaura_config::ConfigError;
use vpaura_engine::Error as EngineError;
use vpaura_store::StoreError;

/// The result of a command.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The HTTP server.
    #[error(transparent)]
    Serve(#[from] vpaura_server::ServerError),
    /// The operating system.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A file named on the command line.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// Why it cannot be used.
        reason: String,
    },
    /// The server spoken to.
    #[error("{0}")]
    Server(String),
    /// The server spoken to said no, in a whole answer.
    #[error("{text}")]
    Refusal {
        /// The answer's status: some pass by themselves.
        status: u16,
        /// What it said.
        text: String,
    },
    /// What was given cannot be.
    #[error("{0}")]
    Refused(String),
    /// Already told in full.
    #[error("failed")]
    Reported,
}
