//! A `multipart/form-data` body read part by part, in bounded memory.
//!
//! The parser underneath takes in all that the connection has ready, and a part's head however
//! long it is. So it is fed one piece at a time, and no more once [`MAX_UNPARSED`] bytes lie
//! there in which it has found nothing.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::RequestExt;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http_body_util::LengthLimitError;
use multer::{Field, Multipart};

use crate::middleware::body_rate::TooSlow;
use crate::problem::{Code, Problem};

/// Most bytes that may lie unparsed: far more than the head of any honest part.
const MAX_UNPARSED: usize = 64 * 1024;
/// Longest content type: a boundary has at most 70 characters (RFC 2046).
const MAX_CONTENT_TYPE: usize = 256;

/// The parts of a form, one after another.
pub(crate) struct Form {
    parts: Multipart<'static>,
    unparsed: Arc<AtomicUsize>,
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.len() > MAX_CONTENT_TYPE {
            return Err(Problem::bad_request("the boundary is too long"));
        }
        let boundary = multer::parse_boundary(kind).map_err(|error| match error {
            multer::Error::NoBoundary => Problem::bad_request("the form has no boundary"),
            _ => Problem::validation("", "Content-Type must be multipart/form-data")
                .with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE),
        })?;
        let body = request.with_limited_body().into_body().into_data_stream();
        let unparsed = Arc::new(AtomicUsize::new(0));
        let pieces = one_at_a_time(body, Arc::clone(&unparsed));
        Ok(Self { parts: Multipart::new(pieces, boundary), unparsed })
    }
}

impl Form {
    /// The next part. The one before must be read or dropped first.
    pub(crate) async fn next(&mut self) -> Result<Option<Part>, Problem> {
        let field = self.parts.next_field().await.map_err(|error| unread(&error))?;
        self.unparsed.store(0, Ordering::Relaxed);
        Ok(field.map(|field| Part { field, unparsed: Arc::clone(&self.unparsed) }))
    }
}

/// One part of a form.
pub(crate) struct Part {
    field: Field<'static>,
    unparsed: Arc<AtomicUsize>,
}

impl Part {
    /// The name of the form's field.
    pub(crate) fn name(&self) -> &str {
        self.field.name().unwrap_or_default()
    }

    /// The file's name, if the part is a file.
    pub(crate) fn file_name(&self) -> Option<&str> {
        self.field.file_name()
    }

    /// The next piece of its content.
    pub(crate) async fn bytes(&mut self) -> Result<Option<Bytes>, Problem> {
        let bytes = self.field.chunk().await.map_err(|error| unread(&error))?;
        self.unparsed.store(0, Ordering::Relaxed);
        Ok(bytes)
    }

    /// The whole content as text of at most `max` bytes.
    pub(crate) async fn text(mut self, max: usize) -> Result<String, Problem> {
        let name = self.name().to_owned();
        let mut whole = Vec::new();
        while let Some(bytes) = self.bytes().await? {
            if whole.len() + bytes.len() > max {
                return Err(Problem::validation(&name, "is too long"));
            }
            whole.extend_from_slice(&bytes);
        }
        String::from_utf8(whole).map_err(|_| Problem::validation(&name, "is not UTF-8"))
    }
}

/// Nothing was found in many bytes.
#[derive(Debug, thiserror::Error)]
#[error("the head of a part is too long")]
struct Unparsed;

/// The body's pieces with a pause after each, so that the parser works on it before it asks for
/// the next.
fn one_at_a_time<S>(
    body: S,
    unparsed: Arc<AtomicUsize>,
) -> impl Stream<Item = Result<Bytes, axum::Error>> + Send + 'static
where
    S: Stream<Item = Result<Bytes, axum::Error>> + Send + Unpin + 'static,
{
    stream::unfold((body, false), move |(mut body, has_fed)| {
        let unparsed = Arc::clone(&unparsed);
        async move {
            if has_fed {
                tokio::task::yield_now().await;
            }
            if unparsed.load(Ordering::Relaxed) > MAX_UNPARSED {
                return Some((Err(axum::Error::new(Unparsed)), (body, true)));
            }
            let piece = body.next().await?;
            let length = piece.as_ref().map_or(0, Bytes::len);
            unparsed.fetch_add(length, Ordering::Relaxed);
            Some((piece, (body, true)))
        }
    })
}

/// Why the form could not be read on.
fn unread(error: &multer::Error) -> Problem {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<TooSlow>() {
            return Problem::new(Code::RequestTimeout, "The body was sent too slowly.");
        }
        if error.is::<LengthLimitError>() {
            return Problem::new(Code::FileTooLarge, "The form is larger than a file may be.");
        }
        cause = error.source();
    }
    Problem::bad_request("the body is not a whole form")
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::Body;

    use super::*;

    async fn form(kind: &str, body: Body) -> Result<Form, Problem> {
        let request = Request::post("/").header(CONTENT_TYPE, kind).body(body);
        Form::from_request(request.expect("a request"), &()).await
    }

    async fn read(body: impl Into<Body>) -> Result<Vec<(String, String)>, Problem> {
        let mut form = form("multipart/form-data; boundary=x", body.into()).await?;
        let mut parts = Vec::new();
        while let Some(part) = form.next().await? {
            parts.push((part.name().to_owned(), part.text(1_000_000).await?));
        }
        Ok(parts)
    }

    fn part(name: &str, content: &str) -> String {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{content}\r\n")
    }

    /// A body in pieces of `size` bytes.
    fn pieces(text: String, size: usize) -> Body {
        let pieces: Vec<_> = text
            .into_bytes()
            .chunks(size)
            .map(|piece| Ok::<_, Infallible>(piece.to_vec()))
            .collect();
        Body::from_stream(stream::iter(pieces))
    }

    #[tokio::test]
    async fn parts_are_read_however_the_body_is_split() {
        let text = format!("{}{}--x--\r\n", part("a", "1\r\n--y\r\n"), part("b", ""));
        let wanted =
            vec![("a".to_owned(), "1\r\n--y\r\n".to_owned()), ("b".to_owned(), String::new())];
        for size in 1..text.len() {
            assert_eq!(read(pieces(text.clone(), size)).await, Ok(wanted.clone()), "{size}");
        }
    }

    #[tokio::test]
    async fn a_broken_form_is_a_bad_request() {
        let whole = format!("{}--x--\r\n", part("a", "1"));
        for end in 0..whole.len() - 4 {
            let problem = read(whole[..end].to_owned()).await.expect_err("broken");
            assert_eq!(problem.status(), StatusCode::BAD_REQUEST, "{end}");
        }
    }

    #[tokio::test]
    async fn what_is_never_parsed_is_not_kept() {
        let head =
            format!("--x\r\nContent-Disposition: form-data; name=\"{}", "a".repeat(10_000_000));
        let problem = read(pieces(head, 1000)).await.expect_err("too long");
        assert_eq!(problem.status(), StatusCode::BAD_REQUEST);
        let preamble = pieces("a".repeat(10_000_000), 1000);
        assert!(read(preamble).await.is_err());
    }

    #[tokio::test]
    async fn other_types_are_refused() {
        let boundary = format!("multipart/form-data; boundary={}", "x".repeat(1_000_000));
        for (kind, status) in [
            ("application/json", StatusCode::UNSUPPORTED_MEDIA_TYPE),
            ("", StatusCode::UNSUPPORTED_MEDIA_TYPE),
            ("multipart/form-data", StatusCode::BAD_REQUEST),
            (boundary.as_str(), StatusCode::BAD_REQUEST),
        ] {
            let refused = form(kind, Body::empty()).await.err().expect("refused");
            assert_eq!(refused.status(), status, "{kind:.40}");
        }
    }
}
