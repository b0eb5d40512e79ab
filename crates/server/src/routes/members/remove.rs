//! `DELETE /workspaces/{id}/members/{user_id}`.

use axum::extract::State;
use http::StatusCode;
use vpaura_domain::{UserId, WorkspaceId};

use crate::access::InWorkspace;
use crate::extract::Path;
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Removes a member, with the API keys that they made here. Whoever names themselves leaves.
#[utoipa::path(
    delete, path = "/workspaces/{id}/members/{user_id}", tag = "members",
    params(("id" = WorkspaceId, Path), ("user_id" = UserId, Path)),
    responses((status = 204, description = "Removed"), BadAddress, Denied, Missing),
)]
pub(crate) async fn remove(
    State(state): State<AppState>,
    here: InWorkspace,
    Path((_workspace, user_id)): Path<(WorkspaceId, UserId)>,
    Whence(origin): Whence,
) -> Result<StatusCode, Problem> {
    state.engine.remove_member(&here.scope(&state).await?, &origin, user_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
