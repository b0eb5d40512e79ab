//! Workspaces, their members, and invitations into them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{InvitationId, PermissionSet, RoleRef, Timestamp, UserId, WorkspaceId};

/// The state of a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkspaceStatus {
    /// In use.
    Active,
    /// Being removed with all it holds: nobody reaches it any more.
    Deleting,
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// Its name, at most 200 characters.
    pub name: String,
    /// Its state.
    pub status: WorkspaceStatus,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A user in a workspace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Member {
    /// The user.
    pub user_id: UserId,
    /// Their address.
    pub email: String,
    /// Their name here.
    pub username: String,
    /// Their name.
    pub full_name: Option<String>,
    /// Their role: a name, or a custom role's id.
    #[schema(value_type = String)]
    pub role: RoleRef,
    /// The role's name.
    pub role_name: String,
    /// What it allows.
    pub permissions: PermissionSet,
    /// When they joined.
    pub created_at: Timestamp,
}

/// A workspace as seen by one of its members.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Membership {
    /// The workspace.
    pub workspace: Workspace,
    /// The member's role there.
    #[schema(value_type = String)]
    pub role: RoleRef,
    /// The role's name.
    pub role_name: String,
}

/// The state of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationStatus {
    /// Can be accepted until it expires.
    Open,
    /// Was accepted.
    Accepted,
    /// Was withdrawn.
    Revoked,
}

/// An invitation into a workspace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Who is invited. Only the user who has this address can accept.
    pub email: String,
    /// The role they get.
    #[schema(value_type = String)]
    pub role: RoleRef,
    /// Its state.
    pub status: InvitationStatus,
    /// Who invited; none once that user is gone, or when the operator did.
    pub invited_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops being valid.
    pub expires_at: Timestamp,
}
