//! `POST /conversations/{id}/share`.

use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use vpaura_domain::{ConversationId, Timestamp};
use vpaura_engine::CreatedShare;

use crate::access::Caller;
use crate::extract::Path;
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// A new share link. Its secret cannot be read again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShareLink {
    /// The secret, for `GET /api/v1/shared/{token}`.
    token: String,
    /// The page that shows the conversation; without a host when the server knows none of
    /// its own (`server.public_url`).
    url: String,
    /// When it was made.
    created_at: Timestamp,
}

/// Makes a secret link to the path shown now. Whoever has it can read that path.
#[utoipa::path(
    post, path = "/conversations/{id}/share", tag = "conversations",
    params(("id" = ConversationId, Path)),
    responses(
        (status = 201, description = "The link", body = ShareLink),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn share(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Whence(origin): Whence,
) -> Result<(StatusCode, axum::Json<ShareLink>), Problem> {
    let CreatedShare { token, created_at } =
        state.engine.share_conversation(&caller.scope, id, &origin).await?;
    let host = state.public_url.as_deref().unwrap_or_default();
    let url = format!("{host}/shared/{token}");
    Ok((StatusCode::CREATED, axum::Json(ShareLink { token, url, created_at })))
}
