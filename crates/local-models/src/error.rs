//! Why a local model cannot be used.

use std::path::PathBuf;
use std::time::Duration;

use vpaura_llm::{FetchError, LlmError};

/// A model that cannot be loaded, fetched or run.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A file is not there.
    #[error("the model folder {folder} has no {file}", folder = folder.display())]
    Missing {
        /// The folder.
        folder: PathBuf,
        /// The file's path within it.
        file: String,
    },
    /// A file cannot be read.
    #[error("{path} cannot be read: {reason}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A file is not what it should be.
    #[error("{path} is damaged: {reason}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How.
        reason: String,
    },
    /// A weight has another shape than the model's configuration says.
    #[error("the weight {name} has the shape {found:?}, and the configuration wants {expected:?}")]
    Shape {
        /// The weight's name.
        name: String,
        /// What the configuration wants.
        expected: Vec<usize>,
        /// What the file has.
        found: Vec<usize>,
    },
    /// It is a model of a kind that is not run here.
    #[error("this model cannot be run here: {0}")]
    Unsupported(String),
    /// The name is neither a folder's nor a hub's.
    #[error("{0:?} names no local model: give a folder of the models folder, or organisation/name")]
    BadName(String),
    /// The hub has no such model, or not in a form that can be run here.
    #[error("the model hub has no {file} of {model}")]
    NotOnHub {
        /// The model.
        model: String,
        /// The file that it lacks.
        file: String,
    },
    /// The hub could not be reached or sent something else than it said.
    #[error("{file} of {model} could not be fetched: {reason}")]
    Hub {
        /// The model.
        model: String,
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// The text cannot be cut into tokens.
    #[error("the text cannot be read by the model's tokenizer: {0}")]
    Tokens(String),
    /// It is not here yet: it is being fetched or loaded.
    #[error("the model is still being fetched or loaded")]
    Opening,
    /// The thread that ran the model died.
    #[error("the model broke off")]
    Stopped,
}

/// When a model that is being opened is asked for again.
const OPENING: Duration = Duration::from_secs(10);

impl ModelError {
    pub(crate) fn hub(model: &str, file: &str, error: &FetchError) -> Self {
        Self::Hub { model: model.to_owned(), file: file.to_owned(), reason: error.to_string() }
    }

    pub(crate) fn damaged(path: impl Into<PathBuf>, reason: impl ToString) -> Self {
        Self::Damaged { path: path.into(), reason: reason.to_string() }
    }
}

impl From<ModelError> for LlmError {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::Hub { .. } | ModelError::Stopped => {
                Self::Unavailable { detail: error.to_string(), retry_after: None }
            }
            ModelError::Opening => {
                Self::Unavailable { detail: error.to_string(), retry_after: Some(OPENING) }
            }
            ModelError::Tokens(_) => Self::BadRequest { detail: error.to_string() },
            _ => Self::Settings(error.to_string()),
        }
    }
}
