//! `DELETE /chatbots/{id}`.

use axum::extract::State;
use http::StatusCode;
use vpaura_domain::ChatbotId;

use crate::access::Caller;
use crate::extract::Path;
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Deletes a chatbot with all its versions.
///
/// Its conversations stay and go on with the workspace's default chatbot, which cannot be deleted.
#[utoipa::path(
    delete, path = "/chatbots/{id}", tag = "chatbots",
    params(("id" = ChatbotId, Path)),
    responses((status = 204, description = "Deleted"), BadAddress, Denied, Missing),
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ChatbotId>,
    Whence(origin): Whence,
) -> Result<StatusCode, Problem> {
    state.engine.delete_chatbot(&caller.scope, id, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
