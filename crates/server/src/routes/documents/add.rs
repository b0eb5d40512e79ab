//! `POST /collections/{id}/documents`.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vpaura_domain::{CollectionId, Document, FileId, Metadata};
use vpaura_engine::{NewDocument, NewSource};

use crate::access::Caller;
use crate::extract::{IdempotencyHeader, IdempotencyKey, Json, Path};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// A document: exactly one of `text`, `url` and `file_id`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Hours", "text": "We are open from nine to five." }))]
pub(crate) struct AddDocument {
    /// Its name; made from its content when absent.
    #[schema(
        min_length = 1,
        max_length = 255,
        pattern = r"^[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+$"
    )]
    name: Option<String>,
    /// Its content, plain or Markdown.
    #[schema(min_length = 1)]
    text: Option<String>,
    /// The address of a page whose words become its content.
    #[schema(max_length = 2_048, pattern = "^https?://")]
    url: Option<String>,
    /// An upload of the caller's whose content it shares.
    file_id: Option<FileId>,
    /// Free JSON that searches can be narrowed by.
    #[serde(default)]
    metadata: Metadata,
}

/// Adds a document. It is read, cut and indexed behind this answer; until then it is `pending`.
#[utoipa::path(
    post, path = "/collections/{id}/documents", tag = "documents", request_body = AddDocument,
    params(("id" = CollectionId, Path), IdempotencyHeader),
    responses(
        (status = 202, description = "The document, as it waits", body = Document),
        Invalid, Denied, Missing,
    ),
)]
pub(crate) async fn add(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<CollectionId>,
    key: IdempotencyKey,
    Whence(origin): Whence,
    Json(body): Json<AddDocument>,
) -> Result<(StatusCode, axum::Json<Document>), Problem> {
    let key = key.bind("add_document", &(id, &body))?;
    let AddDocument { name, text, url, file_id, metadata } = body;
    let source = match (text, url, file_id) {
        (Some(text), None, None) => NewSource::Text(text),
        (None, Some(url), None) => NewSource::Url(url),
        (None, None, Some(id)) => NewSource::File(id),
        _ => {
            let reason = "exactly one of text, url and file_id is needed";
            return Err(Problem::validation("", reason));
        }
    };
    let new = NewDocument { name, source, metadata };
    let added = state.engine.add_document(&caller.scope, id, new, key, &origin).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(added)))
}
