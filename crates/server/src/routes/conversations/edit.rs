//! `POST /conversations/{id}/messages/{message_id}/edit`.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vpaura_domain::{ConversationId, FileId, MessageId, MultitaskStrategy};
use vpaura_engine::{RunInput, StartRun, Target};

use crate::access::Caller;
use crate::extract::{IdempotencyHeader, IdempotencyKey, Json, Path};
use crate::problem::Problem;
use crate::routes::model_ref;
use crate::routes::responses::{RateLimited, Streamed};
use crate::state::AppState;
use crate::stream::{RunEvents, respond};

/// The message in other words.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditMessage {
    /// The new words.
    #[schema(min_length = 1, pattern = r"\S")]
    message: String,
    /// Uploads to attach; those of the old message are not taken over.
    #[serde(default)]
    #[schema(max_items = 10)]
    file_ids: Vec<FileId>,
    /// The model, as `provider/model`.
    #[schema(pattern = "^[^/]+/.+$", max_length = 200)]
    model: Option<String>,
}

/// Says a user's message in other words, as a branch beside it, and streams the answer.
#[utoipa::path(
    post, path = "/conversations/{id}/messages/{message_id}/edit", tag = "conversations",
    params(
        ("id" = ConversationId, Path),
        ("message_id" = MessageId, Path),
        IdempotencyHeader,
    ),
    request_body = EditMessage, responses(Streamed, RateLimited),
)]
pub(crate) async fn edit(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, message_id)): Path<(ConversationId, MessageId)>,
    key: IdempotencyKey,
    Json(body): Json<EditMessage>,
) -> Result<Response, Problem> {
    let idempotency = key.bind("edit", &(id, message_id, &body))?;
    let EditMessage { message: text, file_ids, model } = body;
    let run = StartRun {
        target: Target::Existing(id),
        input: RunInput::Edit { message_id, text, file_ids },
        model: model.as_deref().map(model_ref).transpose()?,
        temperature: None,
        max_tokens: None,
        chatbot_id: None,
        preview: None,
        multitask: MultitaskStrategy::Reject,
        idempotency,
    };
    state.engine.admit_chat(&caller.scope).await?;
    let started = state.engine.start_run(&caller.scope, run).await?;
    respond(&state, started.reader, RunEvents)
}
