//! Why an operation was refused or failed. The edge maps [`Error::kind`] to a status and a code;
//! nothing here knows HTTP.

use std::sync::Arc;
use std::time::Duration;

use vpaura_domain::{BudgetState, Denied, RunId, TextError};
use vpaura_graph::{BuildError, GraphError};
use vpaura_knowledge::extract::ExtractError;
use vpaura_kv::KvError;
use vpaura_llm::LlmError;
use vpaura_store::StoreError;

use crate::prompts::PromptError;

/// The result of an engine operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// A session.
    Session,
    /// A conversation.
    Conversation,
    /// A message.
    Message,
    /// A run.
    Run,
    /// A file.
    File,
    /// A model.
    Model,
    /// A share link.
    Share,
    /// A user.
    User,
    /// A workspace.
    Workspace,
    /// A member of a workspace.
    Member,
    /// A role.
    Role,
    /// An invitation.
    Invitation,
    /// An API key.
    ApiKey,
    /// A chatbot.
    Chatbot,
    /// A prompt of the library.
    Prompt,
    /// A budget.
    Budget,
    /// An identity provider.
    Provider,
    /// A collection.
    Collection,
    /// A document of a collection.
    Document,
    /// A chunk of a document.
    Chunk,
    /// A page of a document, as an image.
    Page,
    /// A citation of a message.
    Citation,
}

impl Thing {
    /// Its name in a sentence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Conversation => "conversation",
            Self::Message => "message",
            Self::Run => "run",
            Self::File => "file",
            Self::Model => "model",
            Self::Share => "share link",
            Self::User => "user",
            Self::Workspace => "workspace",
            Self::Member => "member",
            Self::Role => "role",
            Self::Invitation => "invitation",
            Self::ApiKey => "API key",
            Self::Chatbot => "chatbot",
            Self::Prompt => "prompt",
            Self::Budget => "budget",
            Self::Provider => "identity provider",
            Self::Collection => "collection",
            Self::Document => "document",
            Self::Chunk => "chunk",
            Self::Page => "page image",
            Self::Citation => "citation",
        }
    }
}

/// Why an operation was refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An input is not acceptable.
    #[error("{field}: {reason}")]
    Invalid {
        /// The field, as a path such as `messages[0].role`.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No such thing, or not the caller's.
    #[error("{} not found", .0.name())]
    NotFound(Thing),
    /// No valid credential.
    #[error("a valid session token or API key is required")]
    Unauthorized,
    /// Nobody was signed in. Why is not said.
    #[error("the e-mail address, the password or the code is not right")]
    SignInFailed,
    /// A token, link or code that works once does not, or not any more.
    #[error("the link or token is not, or not any more, valid")]
    TokenRefused,
    /// The identity provider said no, with this code of OAuth 2.0.
    #[error("the identity provider refused: {0}")]
    ProviderRefused(String),
    /// The identity provider cannot be reached, or not understood.
    #[error("the identity provider does not answer as it should")]
    ProviderFailed,
    /// The credential does not allow this.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The credential lacks a permission.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A budget has less left than the request may cost.
    #[error("the budget does not allow this request")]
    BudgetExceeded {
        /// Where the budget stands.
        state: Box<BudgetState>,
        /// When it is whole again.
        retry_after: Duration,
    },
    /// Nobody can register.
    #[error("{0}")]
    RegistrationClosed(&'static str),
    /// The conversation is busy.
    #[error("the conversation is already answering a message (run {0})")]
    RunActive(RunId),
    /// The conversation went on since it was looked at.
    #[error("the conversation went on meanwhile; look at it and send the message again")]
    HeadMoved,
    /// Another state of things makes the operation impossible.
    #[error("{0}")]
    Conflict(&'static str),
    /// Too many requests.
    #[error("too many requests")]
    RateLimited {
        /// When the next one will be accepted.
        retry_after: Duration,
    },
    /// The upload is too large.
    #[error("the file is larger than {max_bytes} bytes")]
    FileTooLarge {
        /// The limit.
        max_bytes: u64,
    },
    /// The upload's type cannot be read.
    #[error("{0}")]
    UnsupportedFile(String),
    /// The upload cannot be read: why, and what to do about it, in a sentence for people.
    #[error("{0}")]
    UnreadableFile(String),
    /// The virus scanner found this in the upload.
    #[error("the virus scanner found {0:?} in the file")]
    InfectedFile(String),
    /// The virus scanner does not answer, so nothing is accepted.
    #[error("the virus scanner does not answer: {0}")]
    ScannerUnavailable(String),
    /// The bucket of files does not answer, or refuses.
    #[error("the file storage does not answer: {0}")]
    StorageUnavailable(String),
    /// Too many files are to be read at the moment; nothing was stored.
    #[error("many files are being read right now")]
    Busy,
    /// The server is stopping.
    #[error("the server is shutting down")]
    ShuttingDown,
    /// A setting that only its use shows to be wrong.
    #[error("{0}")]
    Settings(String),
    /// The configured models contradict themselves.
    #[error("models: {0}")]
    Models(LlmError),
    /// A prompt template is unusable.
    #[error(transparent)]
    Prompt(#[from] PromptError),
    /// A graph of ours is wired wrongly.
    #[error(transparent)]
    Graph(#[from] BuildError),
    /// The database cannot be reached or is busy; nothing was stored.
    #[error("the database is not available: {source}")]
    StoreUnavailable {
        /// When it may be back.
        retry_after: Duration,
        /// What it said.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// The disk is full or read-only; reads still work.
    #[error("the disk is full or read-only")]
    StorageFull,
    /// The database reported a defect.
    #[error(transparent)]
    Store(StoreError),
    /// The cache's address.
    #[error(transparent)]
    Kv(#[from] KvError),
    /// The file store.
    #[error("file storage: {0}")]
    Storage(std::io::Error),
    /// Something that must not happen did.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// An unacceptable input.
    pub fn invalid(field: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self::Invalid { field: field.into(), reason: reason.to_string() }
    }

    /// A run's thread that cannot be read: when the database is out, that.
    pub(crate) fn thread(run_id: RunId, error: GraphError) -> Self {
        if let GraphError::Store(vpaura_graph::StoreError::Failed(source)) = &error
            && let Some(failure) = source.downcast_ref::<StoreError>()
            && let Some(retry_after) = failure.retry_after()
        {
            return Self::StoreUnavailable { retry_after, source: Arc::clone(source) };
        }
        Self::Internal(format!("the thread of run {run_id}: {error}"))
    }

    pub(crate) fn text(field: &str) -> impl FnOnce(TextError) -> Self + '_ {
        move |error| Self::invalid(field, error)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        match error.kind() {
            StorageFull | QuotaExceeded | ReadOnlyFilesystem => Self::StorageFull,
            _ => Self::Storage(error),
        }
    }
}

impl From<ExtractError> for Error {
    fn from(error: ExtractError) -> Self {
        match error {
            ExtractError::Unsupported(_) => Self::UnsupportedFile(error.to_string()),
            ExtractError::Busy => Self::Busy,
            ExtractError::Io(error) => error.into(),
            error => Self::UnreadableFile(error.to_string()),
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::RunActive { run_id } => Self::RunActive(run_id),
            StoreError::ConversationMissing => Self::NotFound(Thing::Conversation),
            StoreError::ParentMissing => Self::NotFound(Thing::Message),
            StoreError::IdempotencyMismatch => {
                Self::Conflict("this Idempotency-Key was used with another request")
            }
            StoreError::ReplayGone => {
                Self::Conflict("what this Idempotency-Key created has been deleted since")
            }
            StoreError::HeadMoved => Self::HeadMoved,
            StoreError::MessageMissing => Self::NotFound(Thing::Message),
            StoreError::FileMissing => Self::NotFound(Thing::File),
            StoreError::NotCovered => {
                Self::Forbidden("this needs permissions that you do not hold yourself")
            }
            StoreError::LastOwner => Self::Conflict("the last owner cannot go"),
            StoreError::RoleMissing => Self::invalid("role", "is none of this workspace's"),
            StoreError::RoleInUse => {
                Self::Conflict("the role is in use: give its members another one first")
            }
            StoreError::ChatbotMissing => Self::NotFound(Thing::Chatbot),
            StoreError::CollectionMissing => Self::NotFound(Thing::Collection),
            StoreError::WorkspaceMissing => Self::NotFound(Thing::Workspace),
            StoreError::InvitationMissing => Self::NotFound(Thing::Invitation),
            StoreError::AlreadyMember => Self::Conflict("they are a member already"),
            StoreError::TooMany { .. } => {
                Self::Conflict("there are as many of these as there may be")
            }
            StoreError::EmailTaken => Self::Conflict("this e-mail address is another user's"),
            StoreError::TokenUsed => Self::TokenRefused,
            StoreError::NotFirst => {
                Self::RegistrationClosed("somebody else has registered as the first user")
            }
            StoreError::NameTaken => Self::Conflict("this name is taken"),
            StoreError::InvalidCursor => Self::invalid("cursor", "is not one of this list's"),
            StoreError::StorageFull => Self::StorageFull,
            StoreError::BudgetExceeded { state, retry_after } => {
                Self::BudgetExceeded { state, retry_after }
            }
            StoreError::VersionConflict { .. } => {
                Self::Conflict("the chatbot has changed since you saw it")
            }
            StoreError::DefaultChatbot => {
                Self::Conflict("the default chatbot is there for the whole workspace")
            }
            StoreError::GranteeMissing { place } => {
                Self::invalid(format!("items[{place}].grantee"), "is nobody of this workspace")
            }
            StoreError::SpenderMissing => Self::invalid("spender", "is nothing of this workspace"),
            StoreError::TooManyBudgets => Self::Conflict("the workspace has too many budgets"),
            other => match other.retry_after() {
                Some(retry_after) => {
                    Self::StoreUnavailable { retry_after, source: Arc::new(other) }
                }
                None => Self::Store(other),
            },
        }
    }
}
