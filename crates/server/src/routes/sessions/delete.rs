//! `DELETE /sessions/{id}`.

use axum::extract::State;
use http::StatusCode;
use vpaura_domain::SessionId;

use crate::access::Caller;
use crate::extract::{Path, Query};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::DeleteQuery;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Ends a session: its token is no longer valid. With `hard`, all that a visitor's holds is removed;
/// what a user has stays theirs.
#[utoipa::path(
    delete, path = "/sessions/{id}", tag = "sessions",
    params(("id" = SessionId, Path), DeleteQuery),
    responses((status = 204, description = "Deleted"), BadAddress, Denied, Missing),
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Whence(origin): Whence,
    Path(id): Path<SessionId>,
    Query(query): Query<DeleteQuery>,
) -> Result<StatusCode, Problem> {
    state.engine.delete_session(&caller.scope, id, query.hard, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
