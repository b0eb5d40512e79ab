//! `POST /chatbots`.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vpaura_domain::{Chatbot, ChatbotSettings, Visibility};
use vpaura_engine::NewChatbot;

use crate::access::Caller;
use crate::extract::{IdempotencyHeader, IdempotencyKey, Json};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Repeated};
use crate::state::AppState;

/// What the chatbot is to be.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Helper",
    "settings": { "temperature": 0.2, "system_prompt": { "text": "You are {{ chatbot }}." } },
}))]
pub(crate) struct CreateChatbot {
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// What it is for.
    #[schema(max_length = 2_000)]
    description: Option<String>,
    /// Who may use it; everybody in the workspace when absent.
    #[serde(default)]
    visibility: Visibility,
    /// What it is made of. What is absent is the installation's default.
    #[serde(default)]
    settings: ChatbotSettings,
}

/// Creates a chatbot.
#[utoipa::path(
    post, path = "/chatbots", tag = "chatbots", request_body = CreateChatbot,
    params(IdempotencyHeader),
    responses(
        (status = 201, description = "The chatbot", body = Chatbot), Invalid, Denied, Repeated,
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    key: IdempotencyKey,
    Whence(origin): Whence,
    Json(body): Json<CreateChatbot>,
) -> Result<(StatusCode, axum::Json<Chatbot>), Problem> {
    let key = key.bind("create_chatbot", &body)?;
    let CreateChatbot { name, description, visibility, settings } = body;
    let new = NewChatbot { name, description, visibility, settings };
    let created = state.engine.create_chatbot(&caller.scope, new, key, &origin).await?;
    Ok((StatusCode::CREATED, axum::Json(created)))
}
