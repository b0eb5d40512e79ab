//! Server-sent events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>): turns a
//! reader of a run into an answer, with a comment now and then so that proxies keep it open.

use async_stream::stream;
use axum::body::Body;
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use serde::Serialize;
use tokio::time::Instant;
use vpaura_domain::RunEvent;
use vpaura_engine::{Error, RunReader};

use crate::problem::Problem;
use crate::state::AppState;

const HEARTBEAT: &[u8] = b": keep-alive\n\n";
/// The last that somebody hears whose access was taken away.
const REVOKED: &[u8] = b": access ended\n\n";

/// A format of a run on the wire.
pub(crate) trait Encoder: Send + 'static {
    /// Appends the event's frames, possibly none.
    fn encode(&mut self, event: &RunEvent, out: &mut BytesMut);

    /// Appends what is to be said when there is nothing more to read.
    fn finish(&mut self, _out: &mut BytesMut) {}
}

/// The answer that streams what the reader reads. The run goes on whatever happens to it.
pub(crate) fn respond(
    state: &AppState,
    reader: RunReader,
    encoder: impl Encoder,
) -> Result<Response, Problem> {
    let open = state.streams.open()?;
    let heartbeat = state.streams.heartbeat;
    let (mut reader, mut encoder) = (reader, encoder);
    let frames = stream! {
        let _open = open;
        // Moved by what is sent, not by what is read: not every event has a frame in every format.
        let mut silent_until = Instant::now() + heartbeat;
        loop {
            match tokio::time::timeout_at(silent_until, reader.next()).await {
                Err(_) => {
                    yield Ok(Bytes::from_static(HEARTBEAT));
                    silent_until = Instant::now() + heartbeat;
                }
                Ok(Ok(Some(events))) => {
                    let mut out = BytesMut::new();
                    events.iter().for_each(|event| encoder.encode(event, &mut out));
                    if !out.is_empty() {
                        yield Ok(out.freeze());
                        silent_until = Instant::now() + heartbeat;
                    }
                }
                Ok(Ok(None)) => {
                    let mut out = BytesMut::new();
                    encoder.finish(&mut out);
                    if !out.is_empty() {
                        yield Ok(out.freeze());
                    }
                    return;
                }
                Ok(Err(Error::Unauthorized)) => {
                    yield Ok(Bytes::from_static(REVOKED));
                    return;
                }
                Ok(Err(error)) => {
                    // The client sees a cut stream and resumes from its last event.
                    tracing::warn!(%error, "a stream was cut");
                    yield Err(error);
                    return;
                }
            }
        }
    };
    let mut response = Response::new(Body::from_stream(frames));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

/// Appends a frame with the event's number, an optional name, and JSON data.
pub(super) fn frame(seq: u64, name: Option<&str>, data: &impl Serialize, out: &mut BytesMut) {
    use std::fmt::Write as _;
    // Writing to a buffer in memory cannot fail, nor can our types fail to serialise.
    let _ = writeln!(out, "id: {seq}");
    if let Some(name) = name {
        let _ = writeln!(out, "event: {name}");
    }
    out.extend_from_slice(b"data: ");
    let _ = serde_json::to_writer(bytes::BufMut::writer(&mut *out), data);
    out.extend_from_slice(b"\n\n");
}
