//! `GET /prompts/{id}`.

use axum::extract::State;
use vpaura_domain::{Prompt, PromptId};

use crate::access::Caller;
use crate::extract::Path;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Reads a prompt of the library.
#[utoipa::path(
    get, path = "/prompts/{id}", tag = "prompts",
    params(("id" = PromptId, Path)),
    responses(
        (status = 200, description = "The prompt", body = Prompt), BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<PromptId>,
) -> Result<axum::Json<Prompt>, Problem> {
    Ok(axum::Json(state.engine.get_prompt(&caller.scope, id).await?))
}
