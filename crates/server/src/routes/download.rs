//! Bytes of strangers' files as answers: a browser saves them, or shows a picture, and runs nothing.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use vpaura_engine::FileContent;

use crate::routes::attachment;

/// A file's bytes, to be saved under `name`.
pub(crate) fn download(name: &str, size: Option<u64>, bytes: FileContent) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox")),
    ];
    let mut response = (headers, attachment(name), Body::from_stream(bytes)).into_response();
    if let Some(size) = size {
        response.headers_mut().insert(CONTENT_LENGTH, size.into());
    }
    response
}

/// A picture that was made from a file.
pub(crate) fn image(png: Vec<u8>) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("image/png")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox")),
    ];
    (headers, png).into_response()
}
