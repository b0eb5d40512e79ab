//! What a user is told when a run fails: a plain sentence and a stable code, never the
//! provider's words.

use vpaura_domain::RunFailure;
use vpaura_graph::GraphError;
use vpaura_llm::{ErrorKind, LlmError};

use crate::Error;

/// The code of a failure of the model.
pub(super) const LLM_ERROR: &str = "LLM_ERROR";
const BUDGET_EXCEEDED: &str = "BUDGET_EXCEEDED";
const GRAPH_ERROR: &str = "GRAPH_ERROR";
const SERVICE_UNAVAILABLE: &str = "SERVICE_UNAVAILABLE";
const INTERNAL_ERROR: &str = "INTERNAL_ERROR";

/// The failure of a run that took longer than any run may.
pub(super) fn timed_out() -> RunFailure {
    failure(LLM_ERROR, "The answer took too long and was stopped. Please try again.")
}

/// The failure that a graph's error means to the user.
pub(super) fn of(error: &GraphError) -> RunFailure {
    match error {
        GraphError::Node { source, .. } => match source.downcast_ref::<LlmError>() {
            Some(error) => failure(LLM_ERROR, sentence(error)),
            None => of_ours(source.downcast_ref::<Error>()),
        },
        GraphError::StepLimit { .. } => {
            failure(GRAPH_ERROR, "The model kept calling tools without giving an answer.")
        }
        _ => failure(GRAPH_ERROR, "Something went wrong while answering. Please try again."),
    }
}

fn of_ours(error: Option<&Error>) -> RunFailure {
    match error {
        Some(Error::BudgetExceeded { .. }) => failure(
            BUDGET_EXCEEDED,
            "The budget has less left than the rest of this answer may cost.",
        ),
        Some(Error::Busy) => failure(
            SERVICE_UNAVAILABLE,
            "Many files are being read right now, and yours had to wait too long. Please try again \
             in a moment.",
        ),
        _ => failure(
            INTERNAL_ERROR,
            "Something went wrong while preparing the answer. Please try again.",
        ),
    }
}

fn failure(code: &str, message: &str) -> RunFailure {
    RunFailure { code: code.to_owned(), message: message.to_owned() }
}

fn sentence(error: &LlmError) -> &'static str {
    match error.kind() {
        ErrorKind::RateLimited | ErrorKind::Quota => {
            "The model is handling too many requests right now. Please try again in a moment."
        }
        ErrorKind::ContextTooLong => {
            "This conversation is too long for the model. Start a new one, or choose a model \
             that reads more."
        }
        ErrorKind::Auth | ErrorKind::Settings | ErrorKind::UnknownModel => {
            "The model is not set up correctly. Please tell the person who runs this service."
        }
        ErrorKind::Incomplete | ErrorKind::TooLarge | ErrorKind::Protocol => {
            "The model's answer broke off. Please try again."
        }
        ErrorKind::Timeout(_) => "The model did not answer in time. Please try again.",
        ErrorKind::BadRequest => "The model did not accept this request.",
        _ => "I'm temporarily unable to reach the model. Please try again in a moment.",
    }
}
