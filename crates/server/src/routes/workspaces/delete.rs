//! `DELETE /workspaces/{id}`.

use axum::extract::State;
use http::StatusCode;
use vpaura_domain::WorkspaceId;

use crate::access::InWorkspace;
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Deletes a workspace with all that it holds.
///
/// From the answer on nobody reaches it; the rest is removed in the background. The default
/// workspace cannot be deleted.
#[utoipa::path(
    delete, path = "/workspaces/{id}", tag = "workspaces", params(("id" = WorkspaceId, Path)),
    responses((status = 202, description = "It is being deleted"), BadAddress, Denied, Missing),
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    here: InWorkspace,
    Whence(origin): Whence,
) -> Result<StatusCode, Problem> {
    state.engine.delete_workspace(&here.scope(&state).await?, &origin).await?;
    Ok(StatusCode::ACCEPTED)
}
