//! The outbound HTTP client: the only place that makes one.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use reqwest::dns::Resolve;
use reqwest::redirect::Policy;

use crate::error::clip;
use crate::{LlmError, Timer};

/// The most bytes read of an answer that is not a stream (an error, mostly).
const MAX_BODY: usize = 64 * 1024;
/// The most redirects followed, all on the same host.
const MAX_REDIRECTS: usize = 3;

/// The client that all providers share. Environment proxies are not honoured, since they would
/// carry calls to one's own machine away; answers are never decompressed, so that none can grow
/// in our memory; a redirect is followed only on the same host, since it would carry the key
/// along.
///
/// # Errors
/// When the TLS library cannot start.
pub fn client(connect_timeout: Duration) -> Result<reqwest::Client, LlmError> {
    reqwest::Client::builder()
        .user_agent(concat!("vpaura/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(connect_timeout)
        .tcp_nodelay(true)
        .tcp_keepalive(Duration::from_secs(30))
        .http2_keep_alive_interval(Duration::from_secs(20))
        .http2_keep_alive_timeout(Duration::from_secs(10))
        .no_proxy()
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .referer(false)
        .redirect(Policy::custom(|attempt| {
            let same_host = attempt
                .previous()
                .first()
                .is_some_and(|first| first.origin() == attempt.url().origin());
            if same_host && attempt.previous().len() <= MAX_REDIRECTS {
                attempt.follow()
            } else {
                attempt.stop()
            }
        }))
        .build()
        .map_err(|error| LlmError::Settings(format!("cannot make an HTTP client: {error}")))
}

/// The client for addresses that anybody may name. Its connections go where `resolver` says and
/// are not kept; redirects are left to the caller, who checks them.
pub(crate) fn foreign_client(
    resolver: Arc<impl Resolve + 'static>,
    connect_timeout: Duration,
) -> Result<reqwest::Client, LlmError> {
    reqwest::Client::builder()
        .user_agent(concat!("vpaura/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(connect_timeout)
        .tcp_nodelay(true)
        .pool_max_idle_per_host(0)
        .dns_resolver(resolver)
        .no_proxy()
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .referer(false)
        .redirect(Policy::none())
        .build()
        .map_err(|error| LlmError::Settings(format!("cannot make an HTTP client: {error}")))
}

/// The error of a request that got no answer. Never holds the address, which may hold secrets.
pub(crate) fn send_error(error: &reqwest::Error) -> LlmError {
    if error.is_connect() && error.is_timeout() {
        return LlmError::Timeout { which: Timer::Connect };
    }
    LlmError::unavailable(root_cause(error))
}

/// The innermost reason, which is the telling one ("connection refused", not "error sending").
pub(crate) fn root_cause(error: &reqwest::Error) -> String {
    let mut source = error.source();
    let mut text = None;
    while let Some(inner) = source {
        text = Some(inner.to_string());
        source = inner.source();
    }
    clip(&text.unwrap_or_else(|| "the request failed".to_owned()))
}

/// Reads at most [`MAX_BODY`] bytes of an answer that is not a stream. What cannot be read is
/// left out: the status alone says enough then.
pub(crate) async fn read_body(response: reqwest::Response) -> Vec<u8> {
    collect_capped(response.bytes_stream()).await
}

/// Reads a whole answer of at most `limit` bytes.
pub(crate) async fn read_whole(
    response: reqwest::Response,
    limit: usize,
) -> Result<Vec<u8>, LlmError> {
    let mut chunks = response.bytes_stream();
    let mut body = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| LlmError::incomplete(root_cause(&error)))?;
        if chunk.len() > limit - body.len() {
            return Err(LlmError::TooLarge { limit: limit as u64 });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

async fn collect_capped<E>(chunks: impl Stream<Item = Result<Bytes, E>>) -> Vec<u8> {
    let mut chunks = std::pin::pin!(chunks);
    let mut body = Vec::new();
    while let Some(Ok(chunk)) = chunks.next().await {
        let room = MAX_BODY - body.len();
        body.extend(chunk.iter().take(room));
        if body.len() == MAX_BODY {
            break;
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    #[tokio::test]
    async fn a_long_body_is_cut() {
        let endless = stream::repeat(Ok::<_, ()>(Bytes::from_static(&[7; 1_000])));
        assert_eq!(collect_capped(endless).await.len(), MAX_BODY);
        let broken = stream::iter([Ok(Bytes::from_static(b"ab")), Err(())]);
        assert_eq!(collect_capped(broken).await, b"ab");
    }
}
