//! `PATCH /workspaces/{id}/roles/{role_id}`.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use vpaura_domain::{CustomRole, PermissionSet, RoleId, WorkspaceId};

use crate::access::InWorkspace;
use crate::extract::{Json, Path};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::patch::replaceable;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// What changes; what is absent stays. At least one field.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "permissions": ["audit:read", "usage:read"] }))]
pub(crate) struct UpdateRole {
    /// The new name.
    #[serde(default, deserialize_with = "replaceable")]
    #[schema(
        value_type = String, required = false, min_length = 1, max_length = 64,
        pattern = r"^[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+$",
    )]
    name: Option<String>,
    /// What it allows from now on, for all who have it.
    #[serde(default, deserialize_with = "replaceable")]
    #[schema(value_type = PermissionSet, required = false)]
    permissions: Option<PermissionSet>,
}

/// Changes a role. The caller holds all that it allows, before and after.
#[utoipa::path(
    patch, path = "/workspaces/{id}/roles/{role_id}", tag = "roles",
    params(("id" = WorkspaceId, Path), ("role_id" = RoleId, Path)), request_body = UpdateRole,
    responses(
        (status = 200, description = "The role", body = CustomRole),
        Invalid, Denied, Missing,
    ),
)]
pub(crate) async fn update(
    State(state): State<AppState>,
    here: InWorkspace,
    Path((_workspace, role_id)): Path<(WorkspaceId, RoleId)>,
    Whence(origin): Whence,
    Json(body): Json<UpdateRole>,
) -> Result<axum::Json<CustomRole>, Problem> {
    let UpdateRole { name, permissions } = body;
    if name.is_none() && permissions.is_none() {
        return Err(Problem::validation("", "at least one field must be given"));
    }
    let (engine, name) = (&state.engine, name.as_deref());
    let updated =
        engine.update_role(&here.scope(&state).await?, &origin, role_id, name, permissions).await?;
    Ok(axum::Json(updated))
}
