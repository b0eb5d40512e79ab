//! `GET /workspaces/{id}/roles`.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use vpaura_domain::{BuiltinRole, CustomRole, Permission, PermissionSet, WorkspaceId};

use crate::access::InWorkspace;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// What members of a workspace can be.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Roles {
    /// The roles that every workspace has, the weakest first.
    builtin: Vec<ReadyRole>,
    /// The workspace's own, by name.
    items: Vec<CustomRole>,
    /// Everything that a role can allow.
    permissions: Vec<KnownPermission>,
}

/// A role that every workspace has.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadyRole {
    /// Its name.
    role: BuiltinRole,
    /// What it allows.
    permissions: PermissionSet,
}

/// One thing that a role can allow.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KnownPermission {
    /// As it is written.
    name: &'static str,
    /// What it allows, in a sentence.
    meaning: &'static str,
}

/// Lists a workspace's roles, and what roles can allow.
#[utoipa::path(
    get, path = "/workspaces/{id}/roles", tag = "roles", params(("id" = WorkspaceId, Path)),
    responses(
        (status = 200, description = "The roles", body = Roles),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    here: InWorkspace,
) -> Result<axum::Json<Roles>, Problem> {
    let items = state.engine.list_roles(&here.scope(&state).await?).await?;
    let ready = |role: BuiltinRole| ReadyRole { role, permissions: role.permissions() };
    let known = |permission: Permission| KnownPermission {
        name: permission.name(),
        meaning: permission.meaning().trim(),
    };
    Ok(axum::Json(Roles {
        builtin: BuiltinRole::ALL.map(ready).into(),
        items,
        permissions: BuiltinRole::Owner.permissions().iter().map(known).collect(),
    }))
}
