//! Between the domain's types and column values.

use sea_orm::prelude::Json;
use serde::Serialize;
use serde::de::DeserializeOwned;
use vpaura_domain::{
    ConversationStatus, FeedbackRating, FileStatus, MessageStatus, Metadata, Role, RunStatus,
    SessionStatus,
};

use crate::error::{Result, StoreError};

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
