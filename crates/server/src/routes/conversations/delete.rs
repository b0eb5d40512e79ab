//! `DELETE /conversations/{id}`.

use axum::extract::State;
use http::StatusCode;
use vpaura_domain::ConversationId;

use crate::access::Caller;
use crate::extract::{Path, Query};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::DeleteQuery;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Deletes a conversation and stops its run.
#[utoipa::path(
    delete, path = "/conversations/{id}", tag = "conversations",
    params(("id" = ConversationId, Path), DeleteQuery),
    responses((status = 204, description = "Deleted"), BadAddress, Denied, Missing),
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Whence(origin): Whence,
    Query(query): Query<DeleteQuery>,
) -> Result<StatusCode, Problem> {
    state.engine.delete_conversation(&caller.scope, id, query.hard, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
