//! `DELETE /workspaces/{id}/invitations/{invitation_id}`.

use axum::extract::State;
use http::StatusCode;
use vpaura_domain::{InvitationId, WorkspaceId};

use crate::access::InWorkspace;
use crate::extract::Path;
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Withdraws an invitation: its link leads nowhere any more.
#[utoipa::path(
    delete, path = "/workspaces/{id}/invitations/{invitation_id}", tag = "invitations",
    params(("id" = WorkspaceId, Path), ("invitation_id" = InvitationId, Path)),
    responses((status = 204, description = "Withdrawn"), BadAddress, Denied, Missing),
)]
pub(crate) async fn revoke(
    State(state): State<AppState>,
    here: InWorkspace,
    Path((_workspace, invitation_id)): Path<(WorkspaceId, InvitationId)>,
    Whence(origin): Whence,
) -> Result<StatusCode, Problem> {
    state.engine.revoke_invitation(&here.scope(&state).await?, &origin, invitation_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
