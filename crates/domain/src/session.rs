//! A session: one client's stay, an anonymous visitor's or a signed-in user's.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Metadata, SessionId, Timestamp, UserId};

/// The state of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// In use.
    Active,
    /// Kept, out of the way.
    Archived,
    /// Softly deleted: no longer valid as a credential, rows kept.
    Deleted,
}

/// One client's stay. Holds conversations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The user who signed in to it; else the operator's own name for the visitor, if given, at most
    /// 255 characters.
    pub user_id: Option<String>,
    /// The user who signed in to it; none for an anonymous visitor's.
    pub owner_id: Option<UserId>,
    /// A title, at most 500 characters.
    pub title: Option<String>,
    /// Its state.
    pub status: SessionStatus,
    /// Free JSON of the caller.
    pub metadata: Metadata,
    /// The client's User-Agent at creation, at most 512 characters.
    pub user_agent: Option<String>,
    /// The client's address at creation.
    pub ip_address: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was last used as a credential (kept to the minute).
    pub last_accessed: Timestamp,
    /// When its token stops being valid.
    pub expires_at: Timestamp,
}

/// What `PATCH /sessions/{id}` may change; absent fields stay.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SessionChanges {
    /// The new title; `Some(None)` removes it.
    pub title: Option<Option<String>>,
    /// The new status.
    pub status: Option<SessionStatus>,
    /// The new metadata, replacing the old.
    pub metadata: Option<Metadata>,
}
