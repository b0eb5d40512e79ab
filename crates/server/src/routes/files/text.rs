//! `GET /files/{id}/text`.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use vpaura_domain::FileId;

use crate::access::Caller;
use crate::extract::Path;
use crate::problem::Problem;
use crate::routes::DocumentText;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// What a file says.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FileText {
    /// The file.
    file_id: FileId,
    /// Its name.
    name: String,
    #[serde(flatten)]
    text: DocumentText,
}

/// Reads a file's text.
#[utoipa::path(
    get, path = "/files/{id}/text", tag = "files", params(("id" = FileId, Path)),
    responses(
        (status = 200, description = "The text", body = FileText),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn text(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<FileId>,
) -> Result<axum::Json<FileText>, Problem> {
    let (file, extracted) = state.engine.file_text(&caller.scope, id).await?;
    Ok(axum::Json(FileText { file_id: file.id, name: file.name, text: extracted.into() }))
}
