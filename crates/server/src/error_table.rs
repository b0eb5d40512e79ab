//! The one table from the engine's errors to status and code.

use std::time::Duration;

use http::StatusCode;
use serde_json::json;
use vpaura_domain::BudgetState;
use vpaura_engine::{Error, Thing};

use crate::problem::{Code, Problem};

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid { field, reason } => Self::validation(&field, &reason),
            Error::NotFound(thing) => {
                let name = thing.name();
                Self::new(code_of(thing), format!("There is no such {name}, or it is not yours."))
            }
            Error::Unauthorized => {
                Self::new(Code::Unauthorized, "A valid session token or API key is required.")
            }
            Error::SignInFailed => Self::new(
                Code::Unauthorized,
                "The e-mail address, the password or the code is not right.",
            ),
            Error::TokenRefused => {
                Self::new(Code::Unauthorized, "The link or token is not, or not any more, valid.")
            }
            Error::ProviderRefused(code) => {
                Self::new(Code::Forbidden, "The identity provider refused.")
                    .with_details(json!({ "reason": code }))
            }
            Error::ProviderFailed => {
                Self::new(Code::Unavailable, "The identity provider does not answer right now.")
                    .with_retry_after(Duration::from_secs(5))
            }
            Error::Forbidden(reason) => Self::new(Code::Forbidden, reason),
            Error::Denied(denied) => {
                Self::new(Code::Forbidden, format!("This needs the permission {}.", denied.0))
                    .with_details(json!({ "permission": denied.0.name() }))
            }
            Error::BudgetExceeded { state, retry_after } => {
                over_budget(&state).with_retry_after(retry_after)
            }
            Error::RegistrationClosed(reason) => Self::new(Code::RegistrationClosed, reason),
            Error::RunActive(run_id) => {
                Self::new(Code::Conflict, "The conversation is already answering a message.")
                    .with_details(json!({ "run_id": run_id }))
            }
            Error::HeadMoved => Self::new(
                Code::Conflict,
                "The conversation went on meanwhile. Please send it again.",
            ),
            Error::Conflict(reason) => Self::new(Code::Conflict, reason),
            Error::RateLimited { retry_after } => {
                Self::new(Code::RateLimitExceeded, "Too many requests. Please wait a little.")
                    .with_retry_after(retry_after)
            }
            Error::FileTooLarge { max_bytes } => {
                Self::new(Code::FileTooLarge, format!("The file is larger than {max_bytes} bytes."))
                    .with_details(json!({ "max_bytes": max_bytes }))
            }
            Error::UnsupportedFile(reason) => Self::new(Code::UnsupportedFileType, reason),
            Error::UnreadableFile(reason) => Self::new(Code::FileUnreadable, sentence(&reason)),
            Error::InfectedFile(found) => Self::new(
                Code::FileInfected,
                "The virus scanner found something in the file, so it was not kept.",
            )
            .with_details(json!({ "found": found })),
            Error::ScannerUnavailable(reason) => {
                tracing::error!(%reason, "the virus scanner does not answer");
                Self::new(Code::Unavailable, "Files cannot be scanned for viruses right now.")
                    .with_retry_after(Duration::from_secs(30))
            }
            Error::StorageUnavailable(reason) => {
                tracing::error!(%reason, "the file storage does not answer");
                Self::new(Code::Unavailable, "The file storage cannot be reached right now.")
                    .with_retry_after(Duration::from_secs(5))
            }
            Error::Busy => Self::new(
                Code::Unavailable,
                "Many files are being read right now. Please try again in a moment.",
            )
            .with_retry_after(Duration::from_secs(10)),
            Error::ShuttingDown => Self::new(Code::Unavailable, "The server is restarting.")
                .with_retry_after(Duration::from_secs(5)),
            Error::StoreUnavailable { retry_after, source } => {
                tracing::warn!(error = %source, "a request could not be served");
                Self::new(Code::DbConnection, "The database cannot be reached right now.")
                    .with_retry_after(retry_after)
            }
            Error::StorageFull => Self::new(Code::Unavailable, "The server's disk is full.")
                .with_status(StatusCode::INSUFFICIENT_STORAGE),
            Error::Graph(error) => {
                tracing::error!(%error, "a graph is wired wrongly");
                Self::new(Code::Graph, "Something went wrong while answering.")
            }
            error @ (Error::Prompt(_)
            | Error::Settings(_)
            | Error::Kv(_)
            | Error::Models(_)
            | Error::Store(_)
            | Error::Storage(_)
            | Error::Internal(_)) => Self::internal(&error),
        }
    }
}

/// A reason as a sentence of its own.
fn sentence(reason: &str) -> String {
    let mut chars = reason.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    let end = if reason.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{}{end}", first.collect::<String>(), chars.as_str())
}

fn over_budget(state: &BudgetState) -> Problem {
    let BudgetState { budget, left, renews_at, .. } = state;
    let message = "The budget has less left than this may cost.";
    Problem::new(Code::BudgetExceeded, message).with_details(json!({
        "budget": {
            "spender": budget.spender,
            "period": budget.period,
            "unit": budget.unit,
            "amount": budget.amount,
        },
        "left": left,
        "renews_at": renews_at,
    }))
}

const fn code_of(thing: Thing) -> Code {
    match thing {
        Thing::Session => Code::SessionNotFound,
        Thing::Conversation => Code::ConversationNotFound,
        Thing::Message => Code::MessageNotFound,
        Thing::Run => Code::RunNotFound,
        Thing::File => Code::FileNotFound,
        Thing::Model => Code::ModelNotFound,
        Thing::Share | Thing::Provider | Thing::Page | Thing::Citation => Code::NotFound,
        Thing::Collection => Code::CollectionNotFound,
        Thing::Document => Code::DocumentNotFound,
        Thing::Chunk => Code::ChunkNotFound,
        Thing::User => Code::UserNotFound,
        Thing::Workspace => Code::WorkspaceNotFound,
        Thing::Member => Code::MemberNotFound,
        Thing::Role => Code::RoleNotFound,
        Thing::Invitation => Code::InvitationNotFound,
        Thing::ApiKey => Code::ApiKeyNotFound,
        Thing::Chatbot => Code::ChatbotNotFound,
        Thing::Prompt => Code::PromptNotFound,
        Thing::Budget => Code::BudgetNotFound,
    }
}
