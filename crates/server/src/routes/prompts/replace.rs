//! `PUT /prompts/{id}`.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use vpaura_domain::{Prompt, PromptId};
use vpaura_engine::PromptUpdate;

use crate::access::Caller;
use crate::extract::{Json, Path};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// The prompt as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "greeter", "text": "You are {{ chatbot }}. Be brief." }))]
pub(crate) struct ReplacePrompt {
    /// Its name.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$")]
    name: String,
    /// The template; another text than before makes a new version.
    #[schema(min_length = 1, max_length = 32_000)]
    text: String,
    /// What it is for; none when absent.
    #[schema(max_length = 2_000)]
    description: Option<String>,
}

/// Replaces a prompt. Another text makes a new version, which its chatbots use from then on.
#[utoipa::path(
    put, path = "/prompts/{id}", tag = "prompts", request_body = ReplacePrompt,
    params(("id" = PromptId, Path)),
    responses((status = 200, description = "The prompt", body = Prompt), Invalid, Denied, Missing),
)]
pub(crate) async fn replace(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<PromptId>,
    Whence(origin): Whence,
    Json(body): Json<ReplacePrompt>,
) -> Result<axum::Json<Prompt>, Problem> {
    let update = PromptUpdate {
        name: Some(body.name),
        description: Some(body.description),
        text: Some(body.text),
    };
    Ok(axum::Json(state.engine.update_prompt(&caller.scope, id, update, &origin).await?))
}
