//! `POST /prompts`.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vpaura_domain::Prompt;
use vpaura_engine::NewPrompt;

use crate::access::Caller;
use crate::extract::{IdempotencyHeader, IdempotencyKey, Json};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Repeated};
use crate::state::AppState;

/// What the prompt is to be.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "greeter", "text": "You are {{ chatbot }}. Greet people." }))]
pub(crate) struct CreatePrompt {
    /// Its name, by which chatbots name it.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$")]
    name: String,
    /// The template: `{{ chatbot }}` and `{{ date }}` are filled in.
    #[schema(min_length = 1, max_length = 32_000)]
    text: String,
    /// What it is for.
    #[schema(max_length = 2_000)]
    description: Option<String>,
}

/// Adds a prompt to the workspace's library.
#[utoipa::path(
    post, path = "/prompts", tag = "prompts", request_body = CreatePrompt,
    params(IdempotencyHeader),
    responses(
        (status = 201, description = "The prompt", body = Prompt), Invalid, Denied, Repeated,
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    key: IdempotencyKey,
    Whence(origin): Whence,
    Json(body): Json<CreatePrompt>,
) -> Result<(StatusCode, axum::Json<Prompt>), Problem> {
    let key = key.bind("create_prompt", &body)?;
    let CreatePrompt { name, text, description } = body;
    let new = NewPrompt { name, description, text };
    let created = state.engine.create_prompt(&caller.scope, new, key, &origin).await?;
    Ok((StatusCode::CREATED, axum::Json(created)))
}
