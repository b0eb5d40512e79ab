//! `GET /workspaces/{id}`.

use axum::extract::State;
use vpaura_domain::{Workspace, WorkspaceId};

use crate::access::InWorkspace;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Reads a workspace.
#[utoipa::path(
    get, path = "/workspaces/{id}", tag = "workspaces", params(("id" = WorkspaceId, Path)),
    responses(
        (status = 200, description = "The workspace", body = Workspace),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    here: InWorkspace,
) -> Result<axum::Json<Workspace>, Problem> {
    Ok(axum::Json(state.engine.get_workspace(&here.scope(&state).await?).await?))
}
