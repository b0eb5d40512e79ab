//! `POST /collections/{id}/documents/{document_id}/reindex`.

use axum::extract::State;
use http::StatusCode;
use vpaura_domain::{CollectionId, Document, DocumentId};

use crate::access::Caller;
use crate::extract::Path;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Reads, cuts and indexes a document again: one that failed, or one that is to be cut as its
/// collection says now. Its old chunks are found until the new ones are there.
#[utoipa::path(
    post, path = "/collections/{id}/documents/{document_id}/reindex", tag = "documents",
    params(("id" = CollectionId, Path), ("document_id" = DocumentId, Path)),
    responses(
        (status = 202, description = "The document, as it waits", body = Document),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn reindex(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, document)): Path<(CollectionId, DocumentId)>,
) -> Result<(StatusCode, axum::Json<Document>), Problem> {
    let document = state.engine.reindex_document(&caller.scope, id, document).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(document)))
}
