//! `POST /prompts/{id}/rollback`.

use axum::extract::State;
use vpaura_domain::{Prompt, PromptId};

use crate::access::Caller;
use crate::extract::{Json, Path};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::Rollback;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// Makes a new version of the text of an old one.
#[utoipa::path(
    post, path = "/prompts/{id}/rollback", tag = "prompts", request_body = Rollback,
    params(("id" = PromptId, Path)),
    responses((status = 200, description = "The prompt", body = Prompt), Invalid, Denied, Missing),
)]
pub(crate) async fn rollback(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<PromptId>,
    Whence(origin): Whence,
    Json(body): Json<Rollback>,
) -> Result<axum::Json<Prompt>, Problem> {
    let (engine, scope) = (&state.engine, &caller.scope);
    Ok(axum::Json(engine.roll_prompt_back(scope, id, body.version, &origin).await?))
}
