//! The provider's HTTP, over the client that was handed in: in time, within a size, encrypted.

use std::time::Duration;

use openidconnect::{HttpRequest, HttpResponse};

use super::settings::is_protected;

/// The longest that one answer may take, from connecting to its last byte.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The most bytes of an answer. Sets of keys and lists of groups are the largest.
const MAX_BYTES: usize = 512 * 1024;

/// Why there is no answer. Holds no address, since those may hold secrets.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("it took more than {} seconds", TIMEOUT.as_secs())]
    TimedOut,
    #[error("the answer has more than {MAX_BYTES} bytes")]
    TooLarge,
    #[error("the address is not encrypted")]
    Unprotected,
    #[error("{0}")]
    Failed(String),
}

/// Sends the request and reads the whole answer.
pub(super) async fn fetch(
    client: reqwest::Client,
    request: HttpRequest,
) -> Result<HttpResponse, FetchError> {
    tokio::time::timeout(TIMEOUT, exchange(client, request))
        .await
        .unwrap_or(Err(FetchError::TimedOut))
}

async fn exchange(
    client: reqwest::Client,
    request: HttpRequest,
) -> Result<HttpResponse, FetchError> {
    let request = reqwest::Request::try_from(request).map_err(failed)?;
    if !is_protected(request.url()) {
        return Err(FetchError::Unprotected);
    }
    let mut response = client.execute(request).await.map_err(failed)?;
    let mut answer = http::Response::builder().status(response.status());
    if let Some(headers) = answer.headers_mut() {
        headers.extend(std::mem::take(response.headers_mut()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    answer.body(body).map_err(|error| FetchError::Failed(error.to_string()))
}

/// The innermost reason, which is the telling one.
fn failed(error: reqwest::Error) -> FetchError {
    let error = error.without_url();
    let mut reason: &dyn std::error::Error = &error;
    while let Some(inner) = reason.source() {
        reason = inner;
    }
    FetchError::Failed(reason.to_string())
}
