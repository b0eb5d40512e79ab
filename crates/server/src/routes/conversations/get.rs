//! `GET /conversations/{id}`.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use vpaura_domain::{Conversation, ConversationId, MessageId};
use vpaura_engine::ConversationDetail;

use super::view::MessageView;
use crate::access::Caller;
use crate::extract::Path;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::routes::runs::RunView;
use crate::state::AppState;

/// A conversation as a client opens it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpenConversation {
    #[serde(flatten)]
    conversation: Conversation,
    /// The run that is going or waiting.
    active_run: Option<RunView>,
    /// The last messages of the shown path, oldest first; at most 50.
    messages: Vec<MessageView>,
    /// Asks `GET /conversations/{id}/messages` for older ones; null when there are none.
    #[schema(value_type = Option<String>)]
    messages_cursor: Option<MessageId>,
}

/// Reads a conversation with its last messages and the run that is going.
#[utoipa::path(
    get, path = "/conversations/{id}", tag = "conversations",
    params(("id" = ConversationId, Path)),
    responses(
        (status = 200, description = "The conversation", body = OpenConversation),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ConversationId>,
) -> Result<axum::Json<OpenConversation>, Problem> {
    let detail = state.engine.get_conversation(&caller.scope, id).await?;
    let ConversationDetail { conversation, active_run, messages } = detail;
    Ok(axum::Json(OpenConversation {
        conversation,
        active_run: active_run.map(Into::into),
        messages: messages.items.into_iter().map(Into::into).collect(),
        messages_cursor: messages.older,
    }))
}
