//! `GET /collections/{id}/documents/{document_id}/text`.

use axum::extract::State;
use vpaura_domain::{CollectionId, DocumentId};

use crate::access::Caller;
use crate::extract::Path;
use crate::problem::Problem;
use crate::routes::DocumentText;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Reads what a document says.
#[utoipa::path(
    get, path = "/collections/{id}/documents/{document_id}/text", tag = "documents",
    params(("id" = CollectionId, Path), ("document_id" = DocumentId, Path)),
    responses(
        (status = 200, description = "The text", body = DocumentText),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn text(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, document)): Path<(CollectionId, DocumentId)>,
) -> Result<axum::Json<DocumentText>, Problem> {
    let (_, extracted) = state.engine.document_text(&caller.scope, id, document).await?;
    Ok(axum::Json(extracted.into()))
}
