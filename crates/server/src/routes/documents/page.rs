//! `GET /collections/{id}/documents/{document_id}/pages/{page}`.

use axum::extract::State;
use axum::response::Response;
use vpaura_domain::{CollectionId, DocumentId};

use crate::access::Caller;
use crate::extract::Path;
use crate::problem::Problem;
use crate::routes::image;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Shows a page of a document, as it would be printed.
#[utoipa::path(
    get, path = "/collections/{id}/documents/{document_id}/pages/{page}", tag = "documents",
    params(
        ("id" = CollectionId, Path), ("document_id" = DocumentId, Path),
        ("page" = u32, Path, minimum = 1),
    ),
    responses(
        (status = 200, description = "The page's image", content_type = "image/png"),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn page(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, document, page)): Path<(CollectionId, DocumentId, u32)>,
) -> Result<Response, Problem> {
    Ok(image(state.engine.document_page(&caller.scope, id, document, page).await?))
}
