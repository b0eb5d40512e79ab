//! `DELETE /prompts/{id}`.

use axum::extract::State;
use http::StatusCode;
use vpaura_domain::PromptId;

use crate::access::Caller;
use crate::extract::Path;
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Deletes a prompt with all its versions.
///
/// Chatbots that name it answer no more, unless the installation has a template of that name.
#[utoipa::path(
    delete, path = "/prompts/{id}", tag = "prompts",
    params(("id" = PromptId, Path)),
    responses((status = 204, description = "Deleted"), BadAddress, Denied, Missing),
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<PromptId>,
    Whence(origin): Whence,
) -> Result<StatusCode, Problem> {
    state.engine.delete_prompt(&caller.scope, id, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
