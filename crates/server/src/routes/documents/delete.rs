//! `DELETE /collections/{id}/documents/{document_id}`.

use axum::extract::State;
use http::StatusCode;
use vpaura_domain::{CollectionId, DocumentId};

use crate::access::Caller;
use crate::extract::Path;
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Deletes a document with its chunks and its content. From then on no answer finds it.
#[utoipa::path(
    delete, path = "/collections/{id}/documents/{document_id}", tag = "documents",
    params(("id" = CollectionId, Path), ("document_id" = DocumentId, Path)),
    responses((status = 204, description = "Deleted"), BadAddress, Denied, Missing),
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, document)): Path<(CollectionId, DocumentId)>,
    Whence(origin): Whence,
) -> Result<StatusCode, Problem> {
    state.engine.delete_document(&caller.scope, id, document, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
