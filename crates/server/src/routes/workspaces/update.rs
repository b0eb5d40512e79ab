//! `PATCH /workspaces/{id}`.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use vpaura_domain::{Workspace, WorkspaceId};

use crate::access::InWorkspace;
use crate::extract::Json;
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// What changes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Sales and support" }))]
pub(crate) struct UpdateWorkspace {
    /// The new name.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+$"
    )]
    name: String,
}

/// Renames a workspace.
#[utoipa::path(
    patch, path = "/workspaces/{id}", tag = "workspaces",
    params(("id" = WorkspaceId, Path)), request_body = UpdateWorkspace,
    responses(
        (status = 200, description = "The workspace", body = Workspace),
        Invalid, Denied, Missing,
    ),
)]
pub(crate) async fn update(
    State(state): State<AppState>,
    here: InWorkspace,
    Whence(origin): Whence,
    Json(body): Json<UpdateWorkspace>,
) -> Result<axum::Json<Workspace>, Problem> {
    Ok(axum::Json(
        state.engine.rename_workspace(&here.scope(&state).await?, &origin, &body.name).await?,
    ))
}
