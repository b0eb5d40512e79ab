//! The audit log: who did what, from where, to which object.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ApiKeyId, AuditEntryId, SessionId, Timestamp, UserId, WorkspaceId};

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// A user.
    User {
        /// The user.
        id: UserId,
    },
    /// A user through an API key.
    ApiKey {
        /// The key.
        id: ApiKeyId,
        /// Its maker.
        user_id: UserId,
    },
    /// An anonymous visitor.
    Session {
        /// The session.
        id: SessionId,
    },
    /// The operator's API key, or the command line.
    Operator,
    /// The server.
    System,
    /// Somebody who proved to be nobody, such as a failed sign-in.
    Anonymous,
}

/// From where a request came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Origin {
    /// The client's address.
    pub ip_address: Option<String>,
    /// The client's User-Agent, at most 512 characters.
    pub user_agent: Option<String>,
    /// The request's id.
    pub request_id: Option<String>,
}

/// One entry of the audit log. Entries are never changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Its id; later ones are greater.
    pub id: AuditEntryId,
    /// The workspace it happened in; none when it concerns the installation.
    pub workspace_id: Option<WorkspaceId>,
    /// Who did it.
    pub actor: Actor,
    /// What was done, as `thing.verb`, for example `member.role_changed`.
    pub action: String,
    /// What it was done to: its kind, for example `user`.
    pub object_kind: Option<String>,
    /// What it was done to: its id.
    pub object_id: Option<String>,
    /// From where.
    #[serde(flatten)]
    pub origin: Origin,
    /// What else is worth knowing: no secrets, no words of conversations.
    pub details: serde_json::Value,
    /// When.
    pub at: Timestamp,
}
