//! `DELETE /conversations/{id}/share`.

use axum::extract::State;
use http::StatusCode;
use vpaura_domain::ConversationId;

use crate::access::Caller;
use crate::extract::Path;
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Revokes every share link of a conversation.
#[utoipa::path(
    delete, path = "/conversations/{id}/share", tag = "conversations",
    params(("id" = ConversationId, Path)),
    responses((status = 204, description = "Revoked"), BadAddress, Denied, Missing),
)]
pub(crate) async fn unshare(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Whence(origin): Whence,
) -> Result<StatusCode, Problem> {
    state.engine.unshare_conversation(&caller.scope, id, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
