//! `DELETE /workspaces/{id}/api-keys/{key_id}`.

use axum::extract::State;
use http::StatusCode;
use vpaura_domain::{ApiKeyId, WorkspaceId};

use crate::access::InWorkspace;
use crate::extract::Path;
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Revokes one of the caller's keys; anybody's with the permission `keys:manage`.
#[utoipa::path(
    delete, path = "/workspaces/{id}/api-keys/{key_id}", tag = "api-keys",
    params(("id" = WorkspaceId, Path), ("key_id" = ApiKeyId, Path)),
    responses((status = 204, description = "Revoked"), BadAddress, Denied, Missing),
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    here: InWorkspace,
    Path((_workspace, key_id)): Path<(WorkspaceId, ApiKeyId)>,
    Whence(origin): Whence,
) -> Result<StatusCode, Problem> {
    state.engine.delete_api_key(&here.scope(&state).await?, &origin, key_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
