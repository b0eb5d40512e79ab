//! A bucket on this machine that speaks the S3 protocol: whole objects, uploads in parts, copies,
//! lists and deletions. It looks at whose key signed a request; it does not verify the signature.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, ETAG, LAST_MODIFIED};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

/// The bucket's server. It stops when dropped.
pub struct S3Server {
    address: SocketAddr,
    bucket: Arc<Bucket>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct Bucket {
    objects: Mutex<BTreeMap<String, Bytes>>,
    uploads: Mutex<BTreeMap<String, BTreeMap<u32, Bytes>>>,
    parts: AtomicUsize,
    fails: AtomicBool,
}

impl S3Server {
    /// The bucket's name.
    pub const BUCKET: &str = "files-of-tests";
    /// The id of the key that it takes.
    pub const KEY: &str = "key-of-tests";

    /// Starts an empty bucket on a free port.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let bucket = Arc::new(Bucket::default());
        let accepting = tokio::spawn(accept(listener, Arc::clone(&bucket)));
        Ok(Self { address, bucket, accepting })
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The names of all objects.
    pub fn names(&self) -> Vec<String> {
        self.bucket.objects.lock().keys().cloned().collect()
    }

    /// How many parts were sent so far.
    pub fn parts(&self) -> usize {
        self.bucket.parts.load(Ordering::Relaxed)
    }

    /// How many uploads in parts were begun and neither completed nor given up.
    pub fn open_uploads(&self) -> usize {
        self.bucket.uploads.lock().len()
    }

    /// From now on every request but those that give up an upload fails, or none does.
    pub fn fail(&self, fails: bool) {
        self.bucket.fails.store(fails, Ordering::Relaxed);
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, bucket: Arc<Bucket>) {
    // Connections end with the server: the set aborts them when it is dropped.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let bucket = Arc::clone(&bucket);
        let service = service_fn(move |request| answer(Arc::clone(&bucket), request));
        let serving = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service);
        connections.spawn(async move { drop(serving.await) });
    }
}

async fn answer(
    bucket: Arc<Bucket>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return Ok(refused(StatusCode::BAD_REQUEST, "IncompleteBody"));
    };
    let credential = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let is_ours = format!("Credential={}/", S3Server::KEY);
    if !credential.is_some_and(|credential| credential.contains(&is_ours)) {
        return Ok(refused(StatusCode::FORBIDDEN, "InvalidAccessKeyId"));
    }
    let query = head.uri.query().unwrap_or_default();
    let gives_up = head.method == Method::DELETE && query.contains("uploadId=");
    if bucket.fails.load(Ordering::Relaxed) && !gives_up {
        return Ok(refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalError"));
    }
    let prefix = format!("/{}", S3Server::BUCKET);
    let Some(name) = head.uri.path().strip_prefix(&prefix) else {
        return Ok(refused(StatusCode::NOT_FOUND, "NoSuchBucket"));
    };
    let name = name.trim_start_matches('/').to_owned();
    Ok(match parameter(query, "uploadId") {
        Some(id) => bucket.part(&head.method, query, &id, &name, body.to_bytes()),
        None if head.method == Method::POST => bucket.begin(&name),
        None => match head.headers.get("x-amz-copy-source").and_then(|it| it.to_str().ok()) {
            Some(source) => bucket.copy(source.trim_start_matches('/'), &name),
            None => bucket.object(&head.method, &name, body.to_bytes()),
        },
    })
}

impl Bucket {
    fn object(&self, method: &Method, name: &str, body: Bytes) -> Response<Full<Bytes>> {
        let mut objects = self.objects.lock();
        match *method {
            Method::PUT => {
                objects.insert(name.to_owned(), body);
                done("")
            }
            Method::DELETE => {
                objects.remove(name);
                done("")
            }
            _ if name.is_empty() => {
                let found = objects.iter().map(|(name, bytes)| {
                    let size = bytes.len();
                    format!("<Contents><Key>{name}</Key><Size>{size}</Size><ETag>\"1\"</ETag><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>")
                });
                let found: String = found.collect();
                done(format!(
                    "<ListBucketResult>{found}<IsTruncated>false</IsTruncated></ListBucketResult>"
                ))
            }
            _ => match objects.get(name) {
                Some(bytes) if *method == Method::HEAD => {
                    let mut response = done("");
                    response.headers_mut().insert(CONTENT_LENGTH, bytes.len().into());
                    response
                }
                Some(bytes) => done(bytes.clone()),
                None => refused(StatusCode::NOT_FOUND, "NoSuchKey"),
            },
        }
    }

    /// `source` begins with the bucket's name.
    fn copy(&self, source: &str, name: &str) -> Response<Full<Bytes>> {
        let source = source.strip_prefix(S3Server::BUCKET).unwrap_or(source);
        let mut objects = self.objects.lock();
        let Some(bytes) = objects.get(source.trim_start_matches('/')).cloned() else {
            return refused(StatusCode::NOT_FOUND, "NoSuchKey");
        };
        objects.insert(name.to_owned(), bytes);
        done("<CopyObjectResult><ETag>\"1\"</ETag></CopyObjectResult>")
    }

    fn begin(&self, name: &str) -> Response<Full<Bytes>> {
        let mut uploads = self.uploads.lock();
        let id = format!("upload-{}", uploads.len() + 1);
        uploads.insert(id.clone(), BTreeMap::new());
        done(format!(
            "<InitiateMultipartUploadResult><Key>{name}</Key><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
        ))
    }

    fn part(
        &self,
        method: &Method,
        query: &str,
        id: &str,
        name: &str,
        body: Bytes,
    ) -> Response<Full<Bytes>> {
        let mut uploads = self.uploads.lock();
        if *method == Method::PUT {
            let number = parameter(query, "partNumber").and_then(|number| number.parse().ok());
            let (Some(upload), Some(number)) = (uploads.get_mut(id), number) else {
                return refused(StatusCode::NOT_FOUND, "NoSuchUpload");
            };
            upload.insert(number, body);
            self.parts.fetch_add(1, Ordering::Relaxed);
            return done("");
        }
        let Some(upload) = uploads.remove(id) else {
            return refused(StatusCode::NOT_FOUND, "NoSuchUpload");
        };
        if *method == Method::POST {
            let whole: Vec<u8> = upload.into_values().flatten().collect();
            self.objects.lock().insert(name.to_owned(), whole.into());
            return done(format!(
                "<CompleteMultipartUploadResult><Key>{name}</Key><ETag>\"1\"</ETag></CompleteMultipartUploadResult>"
            ));
        }
        done("")
    }
}

fn parameter(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|pair| {
        pair.split_once('=').filter(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    })
}

fn done(body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    response.headers_mut().insert(ETAG, http::HeaderValue::from_static("\"1\""));
    let then = http::HeaderValue::from_static("Thu, 01 Jan 2026 00:00:00 GMT");
    response.headers_mut().insert(LAST_MODIFIED, then);
    response
}

fn refused(status: StatusCode, code: &str) -> Response<Full<Bytes>> {
    let body = format!("<Error><Code>{code}</Code><Message>by the tests</Message></Error>");
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response
}
