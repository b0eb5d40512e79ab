//! `DELETE /workspaces/{id}/roles/{role_id}`.

use axum::extract::State;
use http::StatusCode;
use vpaura_domain::{RoleId, WorkspaceId};

use crate::access::InWorkspace;
use crate::extract::Path;
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Deletes a role that no member has and no invitation offers.
#[utoipa::path(
    delete, path = "/workspaces/{id}/roles/{role_id}", tag = "roles",
    params(("id" = WorkspaceId, Path), ("role_id" = RoleId, Path)),
    responses((status = 204, description = "Deleted"), BadAddress, Denied, Missing),
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    here: InWorkspace,
    Path((_workspace, role_id)): Path<(WorkspaceId, RoleId)>,
    Whence(origin): Whence,
) -> Result<StatusCode, Problem> {
    state.engine.delete_role(&here.scope(&state).await?, &origin, role_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
