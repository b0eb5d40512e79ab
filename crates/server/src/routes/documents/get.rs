//! `GET /collections/{id}/documents/{document_id}`.

use axum::extract::State;
use vpaura_domain::{CollectionId, Document, DocumentId};

use crate::access::Caller;
use crate::extract::Path;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Reads a document's record, with how far it is and, where it could not be read, why.
#[utoipa::path(
    get, path = "/collections/{id}/documents/{document_id}", tag = "documents",
    params(("id" = CollectionId, Path), ("document_id" = DocumentId, Path)),
    responses(
        (status = 200, description = "The document", body = Document),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, document)): Path<(CollectionId, DocumentId)>,
) -> Result<axum::Json<Document>, Problem> {
    Ok(axum::Json(state.engine.get_document(&caller.scope, id, document).await?))
}
