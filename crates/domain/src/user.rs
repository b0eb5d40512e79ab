//! Users: people who can sign in, on the whole installation.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Metadata, Timestamp, UserId, WorkspaceId};

/// The state of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    /// May sign in.
    Active,
    /// May not: no credential of theirs works.
    Suspended,
}

/// A person who can sign in. Passwords and second factors are nowhere in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their address, as they wrote it; unique whatever the case.
    pub email: String,
    /// Their name here: 3 to 64 characters, unique whatever the case.
    pub username: String,
    /// Their name, at most 200 characters.
    pub full_name: Option<String>,
    /// Their state.
    pub status: UserStatus,
    /// Whether they may sign in: the same as `status` being `active`.
    pub is_active: bool,
    /// Whether they own the installation: they manage its users and create workspaces.
    pub is_owner: bool,
    /// Whether signing in takes a second factor.
    pub has_second_factor: bool,
    /// Whether they have a password; without one they sign in through an identity provider.
    pub has_password: bool,
    /// The workspace that signing in leads to.
    pub workspace_id: Option<WorkspaceId>,
    /// When they were created.
    pub created_at: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
    /// When they last signed in.
    pub last_sign_in_at: Option<Timestamp>,
}

/// What a user told about themselves. It becomes the first prompt of their conversations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    /// What they like: free JSON, at most 16 KB.
    pub preferences: Metadata,
    /// What must be kept to, such as a budget or a diet: free JSON, at most 16 KB.
    pub constraints: Metadata,
    /// Where they have been; at most 200 of at most 200 characters each.
    pub past_destinations: Vec<String>,
    /// What they wish for; at most 200 of at most 200 characters each.
    pub wishes: Vec<String>,
}

impl Profile {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
