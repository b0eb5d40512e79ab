//! `POST /chat`: the answer as a stream of JSON token events.

use axum::extract::State;
use axum::response::Response;
use axum_extra::extract::CookieJar;

use super::body::ChatBody;
use crate::access::Anyone;
use crate::extract::{IdempotencyHeader, IdempotencyKey, Json};
use crate::problem::Problem;
use crate::routes::responses::{RateLimited, Streamed};
use crate::state::AppState;
use crate::stream::{Tokens, respond};

/// Says something and streams the answer as JSON events.
///
/// The first event has the ids of the conversation, both messages and the run; the last one has
/// `finished: true`. When its `status` is `interrupted` the run waits for answers to its `asks`: give
/// them at `POST /runs/{id}/resume`. The run goes on when the connection is lost: resume it at
/// `GET /runs/{id}/events`. Without a credential a session is made (see the cookie).
#[utoipa::path(
    post, path = "/chat", tag = "chat", request_body = ChatBody,
    security((), ("session_cookie" = []), ("session_token" = []), ("api_key" = [])),
    params(IdempotencyHeader),
    responses(Streamed, RateLimited),
)]
pub(crate) async fn tokens(
    State(state): State<AppState>,
    anyone: Anyone,
    key: IdempotencyKey,
    Json(body): Json<ChatBody>,
) -> Result<(CookieJar, Result<Response, Problem>), Problem> {
    let (_, cookies, started) = body.start(&state, anyone, key).await?;
    Ok((cookies, respond(&state, started.reader, Tokens::default())))
}
