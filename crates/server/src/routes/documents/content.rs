//! `GET /collections/{id}/documents/{document_id}/content`: the bytes as they were handed over.

use axum::extract::State;
use axum::response::Response;
use vpaura_domain::{CollectionId, DocumentId};

use crate::access::Caller;
use crate::extract::Path;
use crate::problem::Problem;
use crate::routes::download;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Downloads a document as it was handed over. A browser saves it and never shows it.
#[utoipa::path(
    get, path = "/collections/{id}/documents/{document_id}/content", tag = "documents",
    params(("id" = CollectionId, Path), ("document_id" = DocumentId, Path)),
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
    Path((id, document)): Path<(CollectionId, DocumentId)>,
) -> Result<Response, Problem> {
    let (document, bytes) = state.engine.document_content(&caller.scope, id, document).await?;
    Ok(download(&document.name, document.size, bytes))
}
