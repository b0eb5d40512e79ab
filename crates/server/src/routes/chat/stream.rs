//! `POST /chat/stream`: the answer as a stream of plain text.

use axum::extract::State;
use axum::response::{AppendHeaders, Response};
use axum_extra::extract::CookieJar;

use super::body::ChatBody;
use crate::access::Anyone;
use crate::extract::{IdempotencyHeader, IdempotencyKey, Json};
use crate::problem::Problem;
use crate::routes::responses::{RateLimited, Streamed};
use crate::state::AppState;
use crate::stream::{Text, respond};

type Ids = AppendHeaders<[(&'static str, String); 3]>;

/// Says something and streams the answer as text, then `[DONE]`.
///
/// The headers `X-Conversation-Id`, `X-Message-Id` and `X-Run-Id` carry the ids. A failure is an
/// event named `error` instead of `[DONE]`. A question that the run waits for is an event named
/// `interrupt` before it: answer it at `POST /runs/{id}/resume`.
#[utoipa::path(
    post, path = "/chat/stream", tag = "chat", request_body = ChatBody,
    security((), ("session_cookie" = []), ("session_token" = []), ("api_key" = [])),
    params(IdempotencyHeader),
    responses(Streamed, RateLimited),
)]
pub(crate) async fn stream(
    State(state): State<AppState>,
    anyone: Anyone,
    key: IdempotencyKey,
    Json(body): Json<ChatBody>,
) -> Result<(CookieJar, Ids, Result<Response, Problem>), Problem> {
    let (_, cookies, started) = body.start(&state, anyone, key).await?;
    let ids = AppendHeaders([
        ("x-conversation-id", started.run.conversation_id.to_string()),
        ("x-message-id", started.run.message_id.to_string()),
        ("x-run-id", started.run.id.to_string()),
    ]);
    Ok((cookies, ids, respond(&state, started.reader, Text::default())))
}
