//! `GET /messages/{message_id}/citations/{index}/pages/{page}`.

use axum::extract::State;
use axum::response::Response;
use vpaura_domain::MessageId;

use crate::access::Caller;
use crate::extract::Path;
use crate::problem::Problem;
use crate::routes::image;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Shows a page of the document that a citation comes from, as it would be printed.
#[utoipa::path(
    get, path = "/messages/{message_id}/citations/{index}/pages/{page}", tag = "conversations",
    params(
        ("message_id" = MessageId, Path), ("index" = u32, Path, minimum = 1),
        ("page" = u32, Path, minimum = 1),
    ),
    responses(
        (status = 200, description = "The page's image", content_type = "image/png"),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn citation_page(
    State(state): State<AppState>,
    caller: Caller,
    Path((message_id, index, page)): Path<(MessageId, u32, u32)>,
) -> Result<Response, Problem> {
    Ok(image(state.engine.cited_page(&caller.scope, message_id, index, page).await?))
}
