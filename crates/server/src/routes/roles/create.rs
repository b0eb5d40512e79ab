//! `POST /workspaces/{id}/roles`.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vpaura_domain::{CustomRole, PermissionSet, WorkspaceId};

use crate::access::InWorkspace;
use crate::extract::{IdempotencyHeader, IdempotencyKey, Json};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// What the role is to be.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Auditor", "permissions": ["audit:read"] }))]
pub(crate) struct CreateRole {
    /// Its name, unique in the workspace whatever the case.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+$"
    )]
    name: String,
    /// What it allows; at least one thing.
    permissions: PermissionSet,
}

/// Creates a role. The caller holds all that it allows.
#[utoipa::path(
    post, path = "/workspaces/{id}/roles", tag = "roles", request_body = CreateRole,
    params(("id" = WorkspaceId, Path), IdempotencyHeader),
    responses(
        (status = 201, description = "The role", body = CustomRole),
        Invalid, Denied, Missing,
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    here: InWorkspace,
    Whence(origin): Whence,
    key: IdempotencyKey,
    Json(body): Json<CreateRole>,
) -> Result<(StatusCode, axum::Json<CustomRole>), Problem> {
    let key = key.bind("create_role", &body)?;
    let CreateRole { name, permissions } = body;
    let made = state
        .engine
        .create_role(&here.scope(&state).await?, &origin, &name, permissions, key)
        .await?;
    Ok((StatusCode::CREATED, axum::Json(made)))
}
