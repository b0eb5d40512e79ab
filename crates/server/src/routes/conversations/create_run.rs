//! `POST /conversations/{id}/runs`: say something and follow the run that answers.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vpaura_domain::{
    ChatbotId, ChatbotSettings, ConversationId, FileId, MessageId, MultitaskStrategy,
};
use vpaura_engine::{RunInput, StartRun, Target};

use crate::access::Caller;
use crate::extract::{IdempotencyHeader, IdempotencyKey, Json, Path};
use crate::problem::Problem;
use crate::routes::responses::{RateLimited, Streamed};
use crate::routes::{max_tokens, model_ref, temperature};
use crate::state::AppState;
use crate::stream::{RunEvents, respond};

/// What is said, and how it is to be answered.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "message": "What can you do?" }))]
pub(crate) struct CreateRun {
    /// The new message.
    #[schema(min_length = 1, pattern = r"\S")]
    message: String,
    /// Uploads to attach to it.
    #[serde(default)]
    #[schema(max_items = 10)]
    file_ids: Vec<FileId>,
    /// The message that it follows; the end of the shown path when absent.
    parent_id: Option<MessageId>,
    /// The model, as `provider/model`.
    #[schema(pattern = "^[^/]+/.+$", max_length = 200)]
    model: Option<String>,
    /// The chatbot that answers this time: the conversation's when absent.
    chatbot_id: Option<ChatbotId>,
    /// Settings to try in the place of the chatbot's, without storing them. Takes the permission
    /// `chatbots:write`.
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<ChatbotSettings>,
    /// What to do when the conversation is busy.
    #[serde(default)]
    multitask: MultitaskStrategy,
    /// Randomness of the answer.
    #[schema(minimum = 0, maximum = 2)]
    temperature: Option<f32>,
    /// The answer's limit in tokens.
    #[schema(minimum = 1, maximum = 1_000_000)]
    max_tokens: Option<u32>,
}

/// Says something and streams the run that answers it, event by event.
#[utoipa::path(
    post, path = "/conversations/{id}/runs", tag = "conversations",
    params(
        ("id" = ConversationId, Path),
        IdempotencyHeader,
    ),
    request_body = CreateRun, responses(Streamed, RateLimited),
)]
pub(crate) async fn create_run(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    key: IdempotencyKey,
    Json(body): Json<CreateRun>,
) -> Result<Response, Problem> {
    let idempotency = key.bind("create_run", &(id, &body))?;
    let CreateRun { message: text, file_ids, parent_id, .. } = body;
    let run = StartRun {
        target: Target::Existing(id),
        input: RunInput::Message { text, file_ids, parent_id, history: Vec::new() },
        model: body.model.as_deref().map(model_ref).transpose()?,
        temperature: temperature(body.temperature)?,
        max_tokens: max_tokens(body.max_tokens)?,
        chatbot_id: body.chatbot_id,
        preview: body.preview,
        multitask: body.multitask,
        idempotency,
    };
    state.engine.admit_chat(&caller.scope).await?;
    let started = state.engine.start_run(&caller.scope, run).await?;
    respond(&state, started.reader, RunEvents)
}
