//! A server's API as the commands speak it: requests with a credential, refusals as errors, files
//! as forms that are streamed from the disk.

use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use futures_util::stream;
use futures_util::{Stream, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::fs::File;
use tokio_util::io::ReaderStream;
use vpaura_domain::{IdGen, RandomIds};
use vpaura_llm::{HttpBody, HttpClient, HttpRequest, HttpResponse};

use crate::error::{Error, Result};

const CONNECT: Duration = Duration::from_secs(10);
/// The longest that a patient client waits at a time when the server says: later.
const LONGEST_WAIT: u64 = 300;

/// The bytes of an answer as they come.
pub(crate) type Chunks = Pin<Box<dyn Stream<Item = Result<Vec<u8>>> + Send>>;

/// A server, and who we are to it.
pub(crate) struct Api {
    client: HttpClient,
    base: String,
    credential: String,
    /// Whether it waits when it has asked too often.
    patient: bool,
}

#[derive(Deserialize)]
struct CreatedSession {
    token: String,
}

#[derive(Deserialize)]
struct Refusal {
    error: Refused,
}

#[derive(Deserialize)]
struct Refused {
    code: String,
    message: String,
}

/// The server that was named, if one was: a variable that is set to nothing names none.
pub(crate) fn named(server: Option<&str>) -> Option<&str> {
    server.filter(|server| !server.trim().is_empty())
}

impl Api {
    /// Speaks to the server at `server` as the holder of `key`.
    pub(crate) fn new(server: &str, key: Option<String>) -> Result<Self> {
        let server = server.trim();
        if !is_web_address(server) {
            return Err(Error::Refused(format!(
                "the server's address must begin with http:// or https://, not {server:?}"
            )));
        }
        let client =
            vpaura_llm::http_client(CONNECT).map_err(|error| Error::Server(error.to_string()))?;
        let base = format!("{}/api/v1", server.trim_end_matches('/'));
        Ok(Self { client, base, credential: key.unwrap_or_default(), patient: false })
    }

    /// The same, which waits when the server says that it is asked too often.
    pub(crate) fn patient(self) -> Self {
        Self { patient: true, ..self }
    }

    /// The same, as a new visitor where there is no key.
    pub(crate) async fn as_anyone(server: &str, key: Option<String>) -> Result<Self> {
        let mut api = Self::new(server, key)?;
        if api.credential.is_empty() {
            let created: CreatedSession = api.post("/sessions", &json!({})).await?;
            api.credential = created.token;
        }
        Ok(api)
    }

    /// What lies at `path`.
    pub(crate) async fn get<T: for<'de> Deserialize<'de>>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T> {
        let query = serde_urlencoded::to_string(query).map_err(std::io::Error::other)?;
        let url = format!("{}?{query}", self.url(path));
        let request = async || Ok(self.client.get(&url));
        read(self.send(request).await?).await
    }

    /// What the server answers to `body`.
    pub(crate) async fn post<T: for<'de> Deserialize<'de>>(
        &self,
        path: &str,
        body: &Value,
    ) -> Result<T> {
        read(self.send(async || Ok(self.client.post(self.url(path)).json(body))).await?).await
    }

    /// What the server answers to the change `body`.
    pub(crate) async fn patch<T: for<'de> Deserialize<'de>>(
        &self,
        path: &str,
        body: &Value,
    ) -> Result<T> {
        read(self.send(async || Ok(self.client.patch(self.url(path)).json(body))).await?).await
    }

    /// Deletes what lies at `path`.
    pub(crate) async fn delete(&self, path: &str) -> Result<()> {
        self.send(async || Ok(self.client.delete(self.url(path)))).await.map(drop)
    }

    /// What the server answers to the file at `file`, sent in a form after the other `fields`.
    pub(crate) async fn upload<T: for<'de> Deserialize<'de>>(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        name: &str,
        file: &Path,
    ) -> Result<T> {
        let unusable = |error: std::io::Error| Error::File {
            path: file.display().to_string(),
            reason: error.to_string(),
        };
        let request = async || {
            let content = File::open(file).await.map_err(unusable)?;
            let size = content.metadata().await.map_err(unusable)?.len();
            let form = Form::new(fields, name);
            let length = form.head.len() as u64 + size + form.tail.len() as u64;
            let whole = stream::iter([Ok(form.head.into())])
                .chain(ReaderStream::new(content))
                .chain(stream::iter([Ok(form.tail.into())]));
            let request = self.client.post(self.url(path));
            let request = request.header("content-type", form.content_type);
            Ok(request.header("content-length", length).body(HttpBody::wrap_stream(whole)))
        };
        read(self.send(request).await?).await
    }

    /// The answer to a GET as it comes.
    pub(crate) async fn follow(&self, path: &str) -> Result<Chunks> {
        Ok(chunks(self.send(async || Ok(self.client.get(self.url(path)))).await?))
    }

    /// The answer to `body` as it comes.
    pub(crate) async fn post_and_follow(&self, path: &str, body: &Value) -> Result<Chunks> {
        let request = async || Ok(self.client.post(self.url(path)).json(body));
        Ok(chunks(self.send(request).await?))
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    async fn send(&self, request: impl AsyncFn() -> Result<HttpRequest>) -> Result<HttpResponse> {
        loop {
            let request = match self.credential.as_str() {
                "" => request().await?,
                credential => request().await?.bearer_auth(credential),
            };
            let unreachable =
                |error| Error::Server(format!("cannot reach the server: {}", with_cause(&error)));
            let response = request.send().await.map_err(unreachable)?;
            let status = response.status();
            if status.is_success() {
                return Ok(response);
            }
            if let Some(wait) = self.wait(&response) {
                tokio::time::sleep(wait).await;
                continue;
            }
            let body = response.bytes().await.unwrap_or_default();
            let text = match serde_json::from_slice::<Refusal>(&body) {
                Ok(Refusal { error: Refused { code, message } }) => {
                    format!("HTTP {status}: {message} ({code})")
                }
                Err(_) => format!("HTTP {status}"),
            };
            return Err(Error::Refusal { status: status.as_u16(), text });
        }
    }

    /// How long to wait before asking again; none when that would not help.
    fn wait(&self, refused: &HttpResponse) -> Option<Duration> {
        if !self.patient || refused.status().as_u16() != 429 {
            return None;
        }
        let after: u64 = refused.headers().get("retry-after")?.to_str().ok()?.parse().ok()?;
        (after <= LONGEST_WAIT).then(|| Duration::from_secs(after.max(1)))
    }
}

fn is_web_address(server: &str) -> bool {
    let scheme = server.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https"))
}

/// The error and what lies at the bottom of it: an HTTP client's errors say only what they were
/// about, not what went wrong.
fn with_cause(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    let (text, cause) = (error.to_string(), innermost.to_string());
    if text.contains(&cause) { text } else { format!("{text}: {cause}") }
}

async fn read<T: for<'de> Deserialize<'de>>(response: HttpResponse) -> Result<T> {
    let bad = |error| Error::Server(format!("bad answer: {}", with_cause(&error)));
    response.json().await.map_err(bad)
}

fn chunks(response: HttpResponse) -> Chunks {
    let chunks = response.bytes_stream().map(|chunk| {
        chunk.map(|bytes| bytes.to_vec()).map_err(|error| Error::Server(with_cause(&error)))
    });
    // It is asked again after its end when the next connection is not there yet.
    Box::pin(chunks.fuse())
}

/// What stands around a file in a form (RFC 7578).
struct Form {
    head: String,
    tail: String,
    content_type: String,
}

impl Form {
    /// The boundary is random: no content has it.
    fn new(fields: &[(&str, &str)], name: &str) -> Self {
        let boundary = format!("vpaura-{}", RandomIds.uuid().simple());
        let disposition =
            |name: &str| format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"");
        let mut head = String::new();
        for (field, value) in fields {
            head.push_str(&format!("{}\r\n\r\n{value}\r\n", disposition(field)));
        }
        let name: String = name.chars().filter(|c| !c.is_control() && *c != '"').collect();
        head.push_str(&format!(
            "{}; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n",
            disposition("file")
        ));
        let tail = format!("\r\n--{boundary}--\r\n");
        let content_type = format!("multipart/form-data; boundary={boundary}");
        Self { head, tail, content_type }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_how_it_is_spoken_to() {
        for wrong in ["localhost:8000", "ftp://host", "", "http:/host"] {
            let refused = Api::new(wrong, None).err().unwrap().to_string();
            assert!(refused.contains("must begin with http:// or https://"), "{wrong}: {refused}");
        }
        assert_eq!(Api::new(" HTTP://host/ ", None).unwrap().base, "HTTP://host/api/v1");
    }

    #[tokio::test]
    async fn who_cannot_be_reached_is_told_with_the_cause() {
        // A port that was free a moment ago.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let lost = Api::new(&server, None).unwrap().follow("/runs").await.err().unwrap();
        let (told, cause) = (lost.to_string(), "onnection refused");
        assert!(told.starts_with("cannot reach the server: ") && told.contains(cause), "{told}");
    }
}
