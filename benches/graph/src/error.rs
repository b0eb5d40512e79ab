//! What can go wrong while measuring. Any of it ends the run: a figure beside a failure is worth
//! nothing.

use std::io;

/// The outcome of everything here.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The system refused something.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A graph is not wired well.
    #[error(transparent)]
    Build(#[from] vpaura_graph::BuildError),
    /// A run failed.
    #[error(transparent)]
    Graph(#[from] vpaura_graph::GraphError),
    /// The port to the database failed.
    #[error(transparent)]
    Port(#[from] vpaura_graph::StoreError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] vpaura_store::StoreError),
    /// Something is not the JSON that was expected.
    #[error("JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A task died.
    #[error("a task died: {0}")]
    Task(#[from] tokio::task::JoinError),
    /// A process failed.
    #[error("{what} failed: {said}")]
    Process {
        /// What it was to do.
        what: &'static str,
        /// What it said.
        said: String,
    },
    /// A run did not do what it was measured for.
    #[error("{0}")]
    Wrong(String),
}

/// Adds what was tried.
pub(crate) fn io(what: &'static str) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Io { what, source }
}
