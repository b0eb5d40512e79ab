//! A cheap client: one kept connection, one turn at a time, answers searched for two marks and
//! not parsed.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use memchr::memmem;
use tokio::net::TcpStream;

use crate::error::{Error, Result, io};

/// How much of an answer's end is kept to tell how it ended.
const TAIL: usize = 1024;
/// What comes before a run's id.
const RUN_ID: &[u8] = b"\"run_id\":\"";

/// Somebody who answers chats.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// Where it listens, such as 127.0.0.1:9000.
    pub(crate) authority: String,
    /// The route that answers a chat.
    pub(crate) path: &'static str,
    /// The operator's key; providers need none.
    pub(crate) api_key: Option<&'static str>,
    /// What comes before a token in the stream, up to and including its opening quote.
    pub(crate) before_token: &'static [u8],
    /// What the end of a good answer holds.
    pub(crate) at_end: &'static [u8],
    /// The body of a chat that begins a conversation.
    pub(crate) body: Bytes,
}

/// What one turn took, from the first byte sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    /// To the first token that is not empty.
    pub(crate) first: Duration,
    /// To the end of the answer.
    pub(crate) whole: Duration,
}

/// A connection to a target.
pub(crate) struct Connection {
    target: Target,
    sender: SendRequest<Full<Bytes>>,
}

impl Connection {
    pub(crate) async fn open(target: &Target) -> Result<Self> {
        let stream = TcpStream::connect(&target.authority).await.map_err(io("connecting"))?;
        stream.set_nodelay(true).map_err(io("connecting"))?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // What breaks it is seen by the request that it breaks.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Self { target: target.clone(), sender })
    }

    /// One turn in a new conversation.
    pub(crate) async fn turn(&mut self) -> Result<Timing> {
        self.turn_with(self.target.body.clone()).await
    }

    /// One turn with this body.
    pub(crate) async fn turn_with(&mut self, body: Bytes) -> Result<Timing> {
        let start = Instant::now();
        let mut answer = self.begin(body).await?;
        let first = start.elapsed();
        let tail = answer.finish().await?;
        let whole = start.elapsed();
        if memmem::find(&tail, self.target.at_end).is_none() {
            return Err(Error::Answer { status: 200, body: text(&tail) });
        }
        Ok(Timing { first, whole })
    }

    /// Sends a chat and reads up to its first token.
    pub(crate) async fn begin(&mut self, body: Bytes) -> Result<Answer> {
        self.stream(Method::POST, self.target.path, body, self.target.before_token).await
    }

    /// Reads a run that is under way, by its log, up to its first token.
    pub(crate) async fn follow(&mut self, run: &str) -> Result<Answer> {
        let path = format!("/api/v1/runs/{run}/events");
        self.stream(Method::GET, &path, Bytes::new(), b"\"delta\",\"text\":\"").await
    }

    async fn stream(
        &mut self,
        method: Method,
        path: &str,
        body: Bytes,
        before_token: &[u8],
    ) -> Result<Answer> {
        let response = self.send(method, path, body).await?;
        let status = response.status().as_u16();
        if status != 200 {
            let body = response.into_body().collect().await?.to_bytes();
            return Err(Error::Answer { status, body: text(&body) });
        }
        let mut answer = Answer { body: response.into_body(), seen: Vec::new() };
        answer.until_token(before_token).await?;
        Ok(answer)
    }

    /// Any request; the whole answer, which must have this status.
    pub(crate) async fn call(
        &mut self,
        method: Method,
        path: &str,
        body: Bytes,
        expected: u16,
    ) -> Result<Bytes> {
        let response = self.send(method, path, body).await?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await?.to_bytes();
        if status == expected { Ok(body) } else { Err(Error::Answer { status, body: text(&body) }) }
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<Response<Incoming>> {
        self.sender.ready().await?;
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.target.authority)
            .header(CONTENT_TYPE, "application/json");
        if let Some(key) = self.target.api_key {
            request = request.header("x-api-key", key);
        }
        Ok(self.sender.send_request(request.body(Full::new(body))?).await?)
    }
}

/// A streamed answer that has begun.
pub(crate) struct Answer {
    body: Incoming,
    /// The bytes so far; after the first token only the end of them.
    seen: Vec<u8>,
}

impl Answer {
    /// The run's id, which the first event of our own streams has.
    pub(crate) fn run_id(&self) -> Option<&str> {
        run_id(&self.seen)
    }

    async fn until_token(&mut self, before: &[u8]) -> Result<()> {
        loop {
            if has_token(&self.seen, before) {
                return Ok(());
            }
            match self.body.frame().await {
                Some(frame) => self.take(&frame?.into_data().unwrap_or_default()),
                None => return Err(Error::Answer { status: 200, body: text(&self.seen) }),
            }
        }
    }

    /// Reads to the end; the last bytes of the answer.
    pub(crate) async fn finish(&mut self) -> Result<Vec<u8>> {
        while let Some(frame) = self.body.frame().await {
            self.take(&frame?.into_data().unwrap_or_default());
            if let Some(excess) = self.seen.len().checked_sub(4 * TAIL) {
                self.seen.drain(..excess + 3 * TAIL);
            }
        }
        Ok(std::mem::take(&mut self.seen))
    }

    fn take(&mut self, bytes: &[u8]) {
        self.seen.extend_from_slice(bytes);
    }
}

fn run_id(seen: &[u8]) -> Option<&str> {
    let rest = &seen[memmem::find(seen, RUN_ID)? + RUN_ID.len()..];
    std::str::from_utf8(&rest[..memchr::memchr(b'"', rest)?]).ok()
}

/// Whether some token is not empty.
fn has_token(seen: &[u8], before: &[u8]) -> bool {
    memmem::find_iter(seen, before)
        .any(|at| seen.get(at + before.len()).is_some_and(|&byte| byte != b'"'))
}

/// The end of an answer, for people.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(TAIL)..]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_is_named_in_what_was_seen() {
        let seen = b"data: {\"message_id\":\"m\",\"run_id\":\"r-1\",\"x\":1}";
        assert_eq!(run_id(seen), Some("r-1"));
        assert_eq!(run_id(b"data: {}"), None);
    }

    #[test]
    fn an_empty_token_is_no_token() {
        let before = b"\"token\":\"";
        assert!(!has_token(b"data: {\"token\":\"\",\"finished\":false}", before));
        assert!(!has_token(b"data: {\"token\":\"", before));
        assert!(has_token(b"data: {\"token\":\"\"}\n\ndata: {\"token\":\"a\"}", before));
    }
}
