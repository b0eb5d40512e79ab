//! What an error handler is told.

use serde::{Deserialize, Serialize};

/// A node's failure, as its handler gets it: the payload of the worker that
/// [`Tune::on_error`](crate::Tune::on_error) names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The node's name.
    pub node: String,
    /// Its path.
    pub path: String,
    /// How often it was tried.
    pub attempts: u32,
    /// What it failed with.
    pub message: String,
}
