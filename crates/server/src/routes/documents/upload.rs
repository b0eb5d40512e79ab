//! `POST /collections/{id}/documents/upload`: a file, streamed to where it stays.

use std::pin::pin;

use axum::extract::{FromRequest, Request, State};
use bytes::Bytes;
use futures_util::{Stream, stream};
use http::StatusCode;
use utoipa::ToSchema;
use vpaura_domain::{CollectionId, Document, MAX_METADATA_BYTES, Metadata};
use vpaura_engine::Labels;

use crate::access::Caller;
use crate::extract::Path;
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::multipart::{Form, Part};
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

const MAX_NAME_BYTES: usize = 1_024;

/// The form; its parts may come in any order.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; it is read part by part")]
pub(crate) struct UploadDocumentForm {
    /// The file.
    #[schema(format = Binary, value_type = String)]
    file: Vec<u8>,
    /// The document's name; the file's own when absent.
    name: Option<String>,
    /// Free JSON that searches can be narrowed by.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Metadata>,
}

/// Adds an upload as a document. It is read, cut and indexed behind this answer.
///
/// A collection has the same content once: when it is there already, its document is the answer.
#[utoipa::path(
    post, path = "/collections/{id}/documents/upload", tag = "documents",
    params(("id" = CollectionId, Path)),
    request_body(content = UploadDocumentForm, content_type = "multipart/form-data"),
    responses(
        (status = 202, description = "The document, as it waits", body = Document),
        (status = 200, description = "The document that was there already", body = Document),
        Invalid, Denied, Missing,
    ),
)]
pub(crate) async fn upload(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<CollectionId>,
    Whence(origin): Whence,
    request: Request,
) -> Result<(StatusCode, axum::Json<Document>), Problem> {
    // Before anything of the body is looked at.
    state.engine.may_add_documents(&caller.scope, id).await?;
    let mut form = Form::from_request(request, &state).await?;
    let (mut received, mut name, mut metadata) = (None, None, None);
    while let Some(part) = form.next().await? {
        match part.name() {
            "file" if received.is_none() => {
                let file_name = part.file_name().unwrap_or_default().to_owned();
                let content = pin!(pieces(part));
                let taken =
                    state.engine.receive_document(&caller.scope, id, &file_name, content).await?;
                received = Some(taken);
            }
            "name" if name.is_none() => name = Some(part.text(MAX_NAME_BYTES).await?),
            "metadata" if metadata.is_none() => metadata = Some(read_metadata(part).await?),
            name => return Err(unexpected(name)),
        }
    }
    let received = received.ok_or_else(|| Problem::validation("file", "is required"))?;
    let labels = Labels { name, metadata: metadata.unwrap_or_default() };
    let added = state.engine.keep_document(&caller.scope, received, labels, &origin).await?;
    let status = if added.is_new { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok((status, axum::Json(added.document)))
}

/// The bytes of a part.
fn pieces(part: Part) -> impl Stream<Item = Result<Bytes, Problem>> {
    stream::try_unfold(part, |mut part| async move {
        Ok(part.bytes().await?.map(|bytes| (bytes, part)))
    })
}

async fn read_metadata(part: Part) -> Result<Metadata, Problem> {
    let text = part.text(2 * MAX_METADATA_BYTES).await?;
    serde_json::from_str(&text).map_err(|error| Problem::validation("metadata", &error.to_string()))
}

fn unexpected(name: &str) -> Problem {
    match name {
        "file" | "name" | "metadata" => Problem::validation(name, "is given twice"),
        _ => {
            let name: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
            Problem::validation(&name, "unknown field, expected `file`, `name` or `metadata`")
        }
    }
}
