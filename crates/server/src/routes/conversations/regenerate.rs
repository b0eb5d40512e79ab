//! `POST /conversations/{id}/messages/{message_id}/regenerate`.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vpaura_domain::{ConversationId, MessageId, MultitaskStrategy};
use vpaura_engine::{RunInput, StartRun, Target};

use crate::access::Caller;
use crate::extract::{IdempotencyHeader, IdempotencyKey, Json, Path};
use crate::problem::Problem;
use crate::routes::model_ref;
use crate::routes::responses::{RateLimited, Streamed};
use crate::state::AppState;
use crate::stream::{RunEvents, respond};

/// How to answer again. May be empty.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegenerateMessage {
    /// The model, as `provider/model`.
    #[schema(pattern = "^[^/]+/.+$", max_length = 200)]
    model: Option<String>,
}

/// Answers the same message again, as a branch beside the old answer, and streams it.
#[utoipa::path(
    post, path = "/conversations/{id}/messages/{message_id}/regenerate", tag = "conversations",
    params(
        ("id" = ConversationId, Path),
        ("message_id" = MessageId, Path),
        IdempotencyHeader,
    ),
    request_body = RegenerateMessage, responses(Streamed, RateLimited),
)]
pub(crate) async fn regenerate(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, message_id)): Path<(ConversationId, MessageId)>,
    key: IdempotencyKey,
    Json(body): Json<RegenerateMessage>,
) -> Result<Response, Problem> {
    let run = StartRun {
        target: Target::Existing(id),
        input: RunInput::Regenerate { message_id },
        model: body.model.as_deref().map(model_ref).transpose()?,
        temperature: None,
        max_tokens: None,
        chatbot_id: None,
        preview: None,
        multitask: MultitaskStrategy::Reject,
        idempotency: key.bind("regenerate", &(id, message_id, &body))?,
    };
    state.engine.admit_chat(&caller.scope).await?;
    let started = state.engine.start_run(&caller.scope, run).await?;
    respond(&state, started.reader, RunEvents)
}
