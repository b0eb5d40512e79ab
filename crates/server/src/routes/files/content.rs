//! `GET /files/{id}/content`: the bytes as they were uploaded.

use axum::extract::State;
use axum::response::Response;
use vpaura_domain::FileId;

use crate::access::Caller;
use crate::extract::Path;
use crate::problem::Problem;
use crate::routes::download;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Downloads a file. A browser saves it and never shows it, whatever it holds.
#[utoipa::path(
    get, path = "/files/{id}/content", tag = "files", params(("id" = FileId, Path)),
    responses(
        (
            status = 200, description = "The bytes", content_type = "application/octet-stream",
            headers(("Content-Disposition" = String, description = "Names the file")),
        ),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn content(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<FileId>,
) -> Result<Response, Problem> {
    let (file, bytes) = state.engine.file_content(&caller.scope, id).await?;
    Ok(download(&file.name, Some(file.size), bytes))
}
