//! What an address serves: its head, and its body piece by piece.

use std::io;

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder};
use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt, TryStreamExt};
use http::HeaderMap;
use http::header::{CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use tokio::time::{Instant, timeout_at};
use tokio_util::io::{ReaderStream, StreamReader};
use url::Url;

use super::FetchError;
use crate::error::clip;
use crate::http::root_cause;

/// The longest file name that is taken over, in characters.
const MAX_NAME_CHARS: usize = 200;

/// An answer whose body is still to be read.
pub struct Fetched {
    url: Url,
    /// Of the answer, then of the redirects that led to it, the latest first.
    heads: Vec<HeaderMap>,
    length: Option<u64>,
    body: BoxStream<'static, Result<Bytes, FetchError>>,
}

type Body = BoxStream<'static, Result<Bytes, FetchError>>;

impl Fetched {
    pub(super) fn new(
        url: Url,
        heads: Vec<HeaderMap>,
        response: reqwest::Response,
        limit: u64,
        deadline: Instant,
    ) -> Result<Self, FetchError> {
        let header = |name| heads.first()?.get(name)?.to_str().ok();
        let encoding = header(CONTENT_ENCODING).unwrap_or("identity").trim().to_ascii_lowercase();
        let length = header(CONTENT_LENGTH).and_then(|length| length.parse().ok());
        if length.is_some_and(|length: u64| length > limit) {
            return Err(FetchError::TooLarge { limit });
        }
        let broken = |error: reqwest::Error| {
            if error.is_timeout() {
                FetchError::Timeout
            } else {
                FetchError::Broken(root_cause(&error))
            }
        };
        let raw = within(response.bytes_stream().map_err(broken), limit, deadline).boxed();
        let (body, length) = match encoding.as_str() {
            "" | "identity" => (raw, length),
            "gzip" | "x-gzip" => {
                let reader = GzipDecoder::new(StreamReader::new(raw.map_err(io::Error::other)));
                (unpacked(ReaderStream::new(reader), limit, deadline), None)
            }
            "br" => {
                let reader = BrotliDecoder::new(StreamReader::new(raw.map_err(io::Error::other)));
                (unpacked(ReaderStream::new(reader), limit, deadline), None)
            }
            _ => return Err(FetchError::Encoding(clip(&encoding))),
        };
        Ok(Self { url, heads, length, body })
    }

    /// Where it was found, after all redirects.
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// The type that the host names, in small letters and without parameters.
    pub fn media_type(&self) -> Option<String> {
        let value = self.own(CONTENT_TYPE.as_str())?;
        let essence = value.split(';').next()?.trim().to_ascii_lowercase();
        (!essence.is_empty()).then_some(essence)
    }

    /// The charset that the host names beside the type, as it calls it.
    pub fn charset(&self) -> Option<String> {
        let mut parameters = self.own(CONTENT_TYPE.as_str())?.split(';').skip(1);
        let label = parameters.find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
        })?;
        (!label.is_empty()).then(|| label.to_owned())
    }

    /// How many bytes will come, where the host says so.
    pub const fn length(&self) -> Option<u64> {
        self.length
    }

    /// A header of the answer, or of the last redirect that had it.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.heads.iter().find_map(|head| head.get(name)?.to_str().ok())
    }

    /// The name of what is served, by the host's word or else the address's end. It is foreign
    /// text: to be made safe before it names a file.
    pub fn file_name(&self) -> Option<String> {
        let given = self.own(CONTENT_DISPOSITION.as_str()).and_then(|value| {
            let name = value.split(';').find_map(|part| part.trim().strip_prefix("filename="))?;
            Some(name.trim_matches('"').to_owned())
        });
        let last = || {
            let last = self.url.path_segments()?.next_back()?;
            Some(percent_encoding::percent_decode_str(last).decode_utf8_lossy().into_owned())
        };
        let name: String = given.or_else(last)?.chars().take(MAX_NAME_CHARS).collect();
        (!name.trim().is_empty()).then_some(name)
    }

    fn own(&self, name: &str) -> Option<&str> {
        self.heads.first()?.get(name)?.to_str().ok()
    }

    /// The body, unpacked. It ends with an error when it is too large or takes too long.
    pub fn into_stream(self) -> BoxStream<'static, Result<Bytes, FetchError>> {
        self.body
    }
}

/// The pieces of an unpacked body. What the packed one failed with is told as it was.
fn unpacked<R: tokio::io::AsyncRead + Send + 'static>(
    reader: ReaderStream<R>,
    limit: u64,
    deadline: Instant,
) -> Body {
    let told = |error: io::Error| {
        error
            .downcast::<FetchError>()
            .unwrap_or_else(|other| FetchError::Broken(clip(&other.to_string())))
    };
    within(Box::pin(reader).map_err(told), limit, deadline).boxed()
}

/// The pieces up to `limit` bytes in all, until `deadline`.
fn within(
    pieces: impl Stream<Item = Result<Bytes, FetchError>> + Send + Unpin + 'static,
    limit: u64,
    deadline: Instant,
) -> impl Stream<Item = Result<Bytes, FetchError>> + Send {
    stream::try_unfold((pieces, 0_u64), move |(mut pieces, read)| async move {
        let next = timeout_at(deadline, pieces.next()).await.map_err(|_| FetchError::Timeout)?;
        let Some(piece) = next.transpose()? else { return Ok(None) };
        let read = read.saturating_add(piece.len() as u64);
        if read > limit {
            return Err(FetchError::TooLarge { limit });
        }
        Ok(Some((piece, (pieces, read))))
    })
}
