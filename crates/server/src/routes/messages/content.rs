//! `GET /messages/{message_id}/citations/{index}/content`.

use axum::extract::State;
use axum::response::Response;
use vpaura_domain::MessageId;

use crate::access::Caller;
use crate::extract::Path;
use crate::problem::Problem;
use crate::routes::download;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Downloads the document that a citation comes from. A browser saves it and never shows it.
#[utoipa::path(
    get, path = "/messages/{message_id}/citations/{index}/content", tag = "conversations",
    params(("message_id" = MessageId, Path), ("index" = u32, Path, minimum = 1)),
    responses(
        (
            status = 200, description = "The bytes", content_type = "application/octet-stream",
            headers(("Content-Disposition" = String, description = "Names the file")),
        ),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn citation_content(
    State(state): State<AppState>,
    caller: Caller,
    Path((message_id, index)): Path<(MessageId, u32)>,
) -> Result<Response, Problem> {
    let original = state.engine.cited_original(&caller.scope, message_id, index).await?;
    Ok(download(&original.name, Some(original.size), original.content))
}
