//! What can go wrong in the store, in words that callers can act on.

use std::time::Duration;

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, SqlxError};
use vpaura_domain::{BudgetState, Run, RunId};

/// The result of a store operation.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why an operation did not happen. Nothing of it is stored, unless the variant says otherwise.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The conversation already has a running run.
    #[error("run {run_id} is already running in this conversation")]
    RunActive {
        /// The run that is going.
        run_id: RunId,
    },
    /// The conversation went on since the caller looked: its head is another message now.
    #[error("the conversation's head is another message now")]
    HeadMoved,
    /// A message's parent (or the message to be answered) is not in the conversation.
    #[error("the parent message is not in this conversation")]
    ParentMissing,
    /// The conversation does not exist or is not visible.
    #[error("no such conversation")]
    ConversationMissing,
    /// A message named in the call is not in the conversation.
    #[error("no such message in this conversation")]
    MessageMissing,
    /// A file attached to a message does not exist or is not visible.
    #[error("no such file")]
    FileMissing,
    /// A row named by another (its session, say) does not exist.
    #[error("something that this refers to does not exist")]
    ReferenceMissing,
    /// A new row names another owner than the scope's.
    #[error("the row belongs to somebody else than the caller")]
    OutOfScope,
    /// The actor would give, or take from, somebody more than they hold.
    #[error("this needs permissions that the actor does not hold")]
    NotCovered,
    /// The last owner of something that must always have one would go.
    #[error("the last owner cannot go")]
    LastOwner,
    /// The role does not exist in this workspace.
    #[error("no such role in this workspace")]
    RoleMissing,
    /// Members or invitations have the role.
    #[error("the role is in use")]
    RoleInUse,
    /// A chatbot named in the call is not in the workspace.
    #[error("no such chatbot in this workspace")]
    ChatbotMissing,
    /// The collection does not exist or is not visible.
    #[error("no such collection")]
    CollectionMissing,
    /// The workspace does not exist, or is being deleted.
    #[error("no such workspace")]
    WorkspaceMissing,
    /// The user is a member of the workspace already.
    #[error("the user is a member already")]
    AlreadyMember,
    /// The e-mail address is another user's.
    #[error("this e-mail address is taken")]
    EmailTaken,
    /// A token or code that works once does not work, or not any more.
    #[error("the token or code is not, or not any more, valid")]
    TokenUsed,
    /// Only the first user could have been created.
    #[error("there is a user already")]
    NotFirst,
    /// There is no such invitation for this user, or it cannot be accepted any more.
    #[error("no such invitation")]
    InvitationMissing,
    /// There are as many of these as there may be.
    #[error("there may be no more than {most} of these")]
    TooMany {
        /// How many there may be.
        most: u64,
    },
    /// A name that must be unique is taken.
    #[error("this name is taken")]
    NameTaken,
    /// The chatbot has another version than the caller saw.
    #[error("the chatbot is at version {version} now")]
    VersionConflict {
        /// Its version.
        version: u32,
    },
    /// The workspace's default chatbot would go, or be private.
    #[error("the default chatbot is there for the whole workspace")]
    DefaultChatbot,
    /// Something would be shared with somebody who is not in the workspace.
    #[error("there is no such user or role in this workspace")]
    GranteeMissing {
        /// The place in the list.
        place: usize,
    },
    /// A budget's spender is not in the workspace.
    #[error("there is no such spender in this workspace")]
    SpenderMissing,
    /// The workspace has as many budgets as it may.
    #[error("the workspace has too many budgets")]
    TooManyBudgets,
    /// A budget has less left than is asked for.
    #[error("a budget has less left than this may take")]
    BudgetExceeded {
        /// Where it stands.
        state: Box<BudgetState>,
        /// When it is whole again.
        retry_after: Duration,
    },
    /// A row with this id exists already.
    #[error("a row with this id exists already")]
    Duplicate,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyMismatch,
    /// The idempotency key's first result has been deleted since.
    #[error("the first result of this idempotency key has been deleted")]
    ReplayGone,
    /// Another server owns the run now: stop writing to it.
    #[error("another server owns this run now")]
    Fenced,
    /// The run has ended already, in another way than the one asked for.
    #[error("the run has already ended")]
    AlreadyFinished(Box<Run>),
    /// The list cursor is not one of ours.
    #[error("not a valid cursor")]
    InvalidCursor,
    /// The database's address is not understood.
    #[error("cannot use this database address: {0}")]
    InvalidUrl(&'static str),
    /// The database holds a newer schema than this program knows.
    #[error(
        "the database has migration {found}, which this version does not know: use a newer one"
    )]
    SchemaTooNew {
        /// The first unknown migration.
        found: String,
    },
    /// A stored value cannot be read back.
    #[error("stored value of {column} cannot be read: {reason}")]
    Corrupt {
        /// Table and column.
        column: &'static str,
        /// What the decoder said (never the value itself).
        reason: String,
    },
    /// The database is locked or has no free connection; try again later.
    #[error("the database is busy")]
    Busy,
    /// The database cannot be reached.
    #[error("the database cannot be reached: {0}")]
    Unavailable(DbErr),
    /// The database's disk is full or read-only; reads still work.
    #[error("the database's disk is full or read-only")]
    StorageFull,
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
    /// Anything else the database reported.
    #[error("database error: {0}")]
    Database(DbErr),
}

impl StoreError {
    /// How long a caller should wait before trying again; `None` when trying again is useless.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy | Self::Unavailable(_) => Some(Duration::from_secs(5)),
            Self::StorageFull => Some(Duration::from_secs(60)),
            _ => None,
        }
    }

    /// Whether the same transaction may succeed when it is run again at once.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable(_) => true,
            Self::Database(error) => {
                matches!(sqlstate(error).as_deref(), Some("40001" | "40P01"))
            }
            _ => false,
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match &error {
            DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => return Self::Closed,
            DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => return Self::Busy,
            DbErr::RecordNotInserted => return Self::Duplicate,
            _ => {}
        }
        match driver_error(&error) {
            Some(SqlxError::PoolTimedOut) => Self::Busy,
            Some(SqlxError::PoolClosed | SqlxError::WorkerCrashed) => Self::Closed,
            Some(SqlxError::Io(_) | SqlxError::Tls(_) | SqlxError::Protocol(_)) => {
                Self::Unavailable(error)
            }
            Some(SqlxError::Database(reported)) => {
                if reported.is_unique_violation() {
                    return Self::Duplicate;
                }
                if reported.is_foreign_key_violation() {
                    return Self::ReferenceMissing;
                }
                match reported.code().as_deref().map(Condition::of) {
                    Some(Condition::Busy) => Self::Busy,
                    Some(Condition::Full) => Self::StorageFull,
                    Some(Condition::Lost) => Self::Unavailable(error),
                    _ => Self::Database(error),
                }
            }
            _ => Self::Database(error),
        }
    }
}

/// What a driver's code means to us. SQLite reports extended result codes in decimal, PostgreSQL
/// five-character SQLSTATEs.
enum Condition {
    Busy,
    Full,
    Lost,
    Other,
}

impl Condition {
    fn of(code: &str) -> Self {
        match code {
            "53300" => Self::Busy,
            "53100" | "53200" | "25006" => Self::Full,
            "57P01" | "57P02" | "57P03" => Self::Lost,
            state if state.len() == 5 => {
                if state.starts_with("08") {
                    Self::Lost
                } else {
                    Self::Other
                }
            }
            // The low byte of an extended SQLite code is the primary one.
            number => match number.parse::<u32>().map(|code| code & 0xff) {
                Ok(5 | 6) => Self::Busy,
                Ok(8 | 10 | 13 | 14) => Self::Full,
                _ => Self::Other,
            },
        }
    }
}

fn driver_error(error: &DbErr) -> Option<&SqlxError> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(inner))
        | DbErr::Exec(RuntimeErr::SqlxError(inner))
        | DbErr::Query(RuntimeErr::SqlxError(inner)) => Some(inner.as_ref()),
        _ => None,
    }
}

fn sqlstate(error: &DbErr) -> Option<String> {
    match driver_error(error) {
        Some(SqlxError::Database(reported)) => reported.code().map(|code| code.into_owned()),
        _ => None,
    }
}
