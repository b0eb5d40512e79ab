//! Between the domain's types and column values.

use sea_orm::prelude::Json;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;
use vpaura_domain::{
    Access, BudgetPeriod, BudgetUnit, BuiltinRole, ConversationStatus, DocumentStatus,
    FeedbackRating, FileStatus, InvitationStatus, MessageStatus, Metadata, Role, RoleId, RoleRef,
    RunStatus, SessionStatus, UserStatus, Visibility, WorkspaceStatus,
};

use crate::error::{Result, StoreError};
use crate::revocations::RevocationKind;

/// A domain word stored as text.
pub(crate) trait Word: Sized {
    /// What is stored.
    fn word(&self) -> &'static str;
    /// Reads it back; `column` is named in the error.
    fn from_word(word: &str, column: &'static str) -> Result<Self>;
}

macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl Word for $type {
            fn word(&self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
            fn from_word(word: &str, column: &'static str) -> Result<Self> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(StoreError::Corrupt { column, reason: "unknown word".to_owned() }),
                }
            }
        }
    };
}

words!(SessionStatus { Active = "active", Archived = "archived", Deleted = "deleted" });
words!(ConversationStatus { Active = "active", Archived = "archived", Deleted = "deleted" });
words!(Role { User = "user", Assistant = "assistant", System = "system", Tool = "tool" });
words!(MessageStatus { Completed = "completed", Cancelled = "cancelled", Failed = "failed" });
words!(RunStatus {
    Queued = "queued",
    Running = "running",
    Interrupted = "interrupted",
    Completed = "completed",
    Failed = "failed",
    Cancelled = "cancelled",
});
words!(FeedbackRating { Positive = "positive", Negative = "negative" });
words!(FileStatus { Ready = "ready" });
words!(UserStatus { Active = "active", Suspended = "suspended" });
words!(WorkspaceStatus { Active = "active", Deleting = "deleting" });
words!(InvitationStatus { Open = "open", Accepted = "accepted", Revoked = "revoked" });
words!(BuiltinRole { Viewer = "viewer", Member = "member", Admin = "admin", Owner = "owner" });
words!(Visibility { Workspace = "workspace", Private = "private" });
words!(Access { Use = "use", Edit = "edit" });
words!(DocumentStatus {
    Pending = "pending",
    Processing = "processing",
    Ready = "ready",
    Failed = "failed",
});
words!(BudgetPeriod { Day = "day", Month = "month" });
words!(BudgetUnit { Tokens = "tokens", Money = "money" });
words!(RevocationKind {
    User = "user",
    Session = "session",
    ApiKey = "api_key",
    Member = "member",
    Role = "role",
    Workspace = "workspace",
});

/// A role as its two columns: the name of a ready one, or the id of a custom one.
pub(crate) fn role_columns(role: RoleRef) -> (Option<String>, Option<Uuid>) {
    match role {
        RoleRef::Builtin(role) => (Some(role.word().to_owned()), None),
        RoleRef::Custom(id) => (None, Some(id.uuid())),
    }
}

/// A role from its two columns.
pub(crate) fn role_ref(
    role: Option<&str>,
    role_id: Option<Uuid>,
    column: &'static str,
) -> Result<RoleRef> {
    match (role, role_id) {
        (Some(word), None) => BuiltinRole::from_word(word, column).map(RoleRef::Builtin),
        (None, Some(id)) => Ok(RoleRef::Custom(RoleId::from_uuid(id))),
        _ => Err(StoreError::Corrupt { column, reason: "not one role".to_owned() }),
    }
}

/// A value as JSON text.
pub(crate) fn to_text<T: Serialize + ?Sized>(value: &T, column: &'static str) -> Result<String> {
    serde_json::to_string(value).map_err(|error| corrupt(column, &error))
}

/// A value from JSON text.
pub(crate) fn from_text<T: DeserializeOwned>(text: &str, column: &'static str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| corrupt(column, &error))
}

/// A value for a JSON column.
pub(crate) fn to_json<T: Serialize>(value: &T, column: &'static str) -> Result<Json> {
    serde_json::to_value(value).map_err(|error| corrupt(column, &error))
}

/// A value from a JSON column.
pub(crate) fn from_json<T: DeserializeOwned>(json: Json, column: &'static str) -> Result<T> {
    serde_json::from_value(json).map_err(|error| corrupt(column, &error))
}

/// Metadata from its column.
pub(crate) fn metadata(json: Json, column: &'static str) -> Result<Metadata> {
    Metadata::try_from(json)
        .map_err(|error| StoreError::Corrupt { column, reason: error.to_string() })
}

/// A count for a BIGINT column; ours stay far below its limit.
pub(crate) fn to_i64(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A count from a BIGINT column.
pub(crate) fn to_u64(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

/// A small count from a BIGINT column.
pub(crate) fn to_u32(count: i64, column: &'static str) -> Result<u32> {
    u32::try_from(count)
        .map_err(|_| StoreError::Corrupt { column, reason: "out of range".to_owned() })
}

fn corrupt(column: &'static str, error: &serde_json::Error) -> StoreError {
    // serde_json's messages may quote the value; its category and place do not.
    StoreError::Corrupt {
        column,
        reason: format!(
            "{:?} at line {} column {}",
            error.classify(),
            error.line(),
            error.column()
        ),
    }
}
