//! `GET /files/{id}/content`: the bytes as they were uploaded.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use tokio::fs::File;
use tokio_util::io::ReaderStream;
use vpaura_domain::FileId;
use vpaura_engine::Error;

use crate::access::Caller;
use crate::extract::Path;
use crate::problem::Problem;
use crate::routes::attachment;
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
    let (file, path) = state.engine.file_content(&caller.scope, id).await?;
    let bytes = File::open(path).await.map_err(Error::from)?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (CONTENT_LENGTH, file.size.into()),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox")),
    ];
    let body = Body::from_stream(ReaderStream::new(bytes));
    Ok((headers, attachment(&file.name), body).into_response())
}
