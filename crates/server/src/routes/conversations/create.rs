//! `POST /conversations`.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vpaura_domain::{ChatbotId, Conversation, Metadata, SessionId};
use vpaura_engine::NewConversation;

use crate::access::Caller;
use crate::extract::{IdempotencyHeader, IdempotencyKey, Json};
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// What the conversation is to be.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "title": "Refunds" }))]
pub(crate) struct CreateConversation {
    /// A title; made from the first message when absent.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+$"
    )]
    title: Option<String>,
    /// Free JSON of the caller.
    #[serde(default)]
    metadata: Metadata,
    /// The chatbot that answers in it; the workspace's default one when absent.
    chatbot_id: Option<ChatbotId>,
    /// The session it is for. Only the operator may name another than its own.
    session_id: Option<SessionId>,
}

/// Creates an empty conversation.
#[utoipa::path(
    post, path = "/conversations", tag = "conversations", request_body = CreateConversation,
    params(IdempotencyHeader),
    responses(
        (status = 201, description = "The conversation", body = Conversation),
        Invalid, Denied, Missing,
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    key: IdempotencyKey,
    Json(body): Json<CreateConversation>,
) -> Result<(StatusCode, axum::Json<Conversation>), Problem> {
    let key = key.bind("create_conversation", &body)?;
    let CreateConversation { title, metadata, chatbot_id, session_id } = body;
    let new = NewConversation { title, metadata, chatbot_id, session_id };
    let created = state.engine.create_conversation(&caller.scope, new, key).await?;
    Ok((StatusCode::CREATED, axum::Json(created)))
}
