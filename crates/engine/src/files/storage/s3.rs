//! Contents in a bucket that speaks the S3 protocol: `files/ab/abcdef…`, and beside it
//! `files/ab/abcdef….text`. One that is perhaps to be removed is called `files/ab/abcdef….aside`.
//! Everything is sent and fetched piece by piece.

use std::io::{Seek, SeekFrom};
use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use object_store::path::Path;
use object_store::{
    ClientOptions, GetResult, MultipartUpload, ObjectStoreExt, PutPayload, RetryConfig,
};
use secrecy::ExposeSecret;
use tokio::fs;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use vpaura_config::S3Config;

use super::FileContent;
use crate::{Error, Result};

/// The pieces that a large content is sent in. The protocol allows 10,000 of them, each of 5 MiB
/// or more but the last.
const PART_BYTES: usize = 8 * 1024 * 1024;
const CONNECT: Duration = Duration::from_secs(5);
/// The longest until the head of an answer is there, a part's upload included.
const ANSWER: Duration = Duration::from_secs(120);
/// The longest that a content on its way here may be silent.
const SILENCE: Duration = Duration::from_secs(60);
/// How long one call is repeated.
const RETRIES: Duration = Duration::from_secs(20);

/// The bucket.
#[derive(Debug, Clone)]
pub(super) struct S3Files {
    bucket: Arc<AmazonS3>,
}

impl S3Files {
    /// Makes the client and sees whether the bucket takes its key. A service that does not answer
    /// may do so later.
    pub(super) async fn open(config: &S3Config) -> Result<Self> {
        let client =
            vpaura_llm::http_client(CONNECT).map_err(|e| Error::Settings(e.to_string()))?;
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&config.bucket)
            .with_region(&config.region)
            // Not every service can delete many at once.
            .with_disable_bulk_delete(true)
            .with_http_connector(Connector(client))
            .with_retry(RetryConfig {
                max_retries: 3,
                retry_timeout: RETRIES,
                ..Default::default()
            });
        if let Some(endpoint) = &config.endpoint {
            let is_plain = endpoint.starts_with("http://");
            builder = builder.with_endpoint(endpoint).with_allow_http(is_plain);
        }
        if let (Some(id), Some(secret)) = (&config.access_key, &config.secret_key) {
            builder = builder
                .with_access_key_id(id.expose_secret())
                .with_secret_access_key(secret.expose_secret());
        }
        let bucket = builder.build().map_err(|error| Error::Settings(format!("files: {error}")))?;
        let files = Self { bucket: Arc::new(bucket) };
        match files.bucket.head(&Path::from("files/none")).await {
            Ok(_) | Err(object_store::Error::NotFound { .. }) => Ok(files),
            Err(error) if refuses(&error) => {
                Err(Error::Settings(format!("files: the bucket refuses the key: {error}")))
            }
            Err(error) => {
                tracing::warn!(%error, "the bucket of files does not answer");
                Ok(files)
            }
        }
    }

    /// Sends the file at `from`, unless the content is there.
    pub(super) async fn put(&self, sha256: &str, from: &FilePath) -> Result<()> {
        let path = content_path(sha256);
        match self.bucket.head(&path).await {
            Ok(_) => return Ok(()),
            Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(failed(error)),
        }
        let mut file = fs::File::open(from).await?;
        let first = part(&mut file).await?;
        if first.len() < PART_BYTES {
            self.bucket.put(&path, first.into()).await.map_err(failed)?;
            return Ok(());
        }
        let mut upload = self.bucket.put_multipart(&path).await.map_err(failed)?;
        let sent = send_parts(&mut *upload, file, first).await;
        if sent.is_err()
            && let Err(error) = upload.abort().await
        {
            tracing::warn!(file.sha256 = %sha256, %error, "parts of an upload left behind");
        }
        sent
    }

    pub(super) async fn get(&self, sha256: &str) -> Result<FileContent> {
        let found = self.find(sha256).await.map_err(failed)?;
        let pieces = unless_silent(found.into_stream().map_err(failed).boxed());
        Ok(pieces)
    }

    /// The content, also while somebody looks whether it is needed.
    async fn find(&self, sha256: &str) -> object_store::Result<GetResult> {
        let place = content_path(sha256);
        match self.bucket.get(&place).await {
            Err(object_store::Error::NotFound { .. }) => {}
            found => return found,
        }
        match self.bucket.get(&aside_path(sha256)).await {
            Err(object_store::Error::NotFound { .. }) => self.bucket.get(&place).await,
            found => found,
        }
    }

    /// Brings the content into a file without a name in `folder`.
    pub(super) async fn fetch(&self, sha256: &str, folder: &FilePath) -> Result<std::fs::File> {
        let mut pieces = self.get(sha256).await?;
        let mut file = fs::File::from_std(tempfile::tempfile_in(folder)?);
        while let Some(bytes) = pieces.try_next().await? {
            file.write_all(&bytes).await?;
        }
        file.flush().await?;
        let mut file = file.into_std().await;
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }

    pub(super) async fn side(&self, sha256: &str) -> Result<Option<Vec<u8>>> {
        let found = match self.bucket.get(&side_path(sha256)).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            found => found.map_err(failed)?,
        };
        let mut pieces = unless_silent(found.into_stream().map_err(failed).boxed());
        let mut bytes = Vec::new();
        while let Some(piece) = pieces.try_next().await? {
            bytes.extend_from_slice(&piece);
        }
        Ok(Some(bytes))
    }

    pub(super) async fn keep_side(&self, sha256: &str, bytes: Vec<u8>) -> Result<()> {
        let bytes = PutPayload::from(bytes);
        self.bucket.put(&side_path(sha256), bytes).await.map_err(failed)?;
        Ok(())
    }

    pub(super) async fn remove(&self, sha256: &str) -> Result<()> {
        for path in [aside_path(sha256), side_path(sha256)] {
            gone(self.bucket.delete(&path).await)?;
        }
        Ok(())
    }

    pub(super) async fn put_aside(&self, sha256: &str) -> Result<()> {
        gone(self.bucket.rename(&content_path(sha256), &aside_path(sha256)).await)
    }

    pub(super) async fn put_back(&self, sha256: &str) -> Result<()> {
        gone(self.bucket.rename(&aside_path(sha256), &content_path(sha256)).await)
    }
}

/// What is not there any more is as good as moved or removed.
fn gone(done: object_store::Result<()>) -> Result<()> {
    match done {
        Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

fn content_path(sha256: &str) -> Path {
    let folder = sha256.get(..2).unwrap_or("00");
    Path::from(format!("files/{folder}/{sha256}"))
}

fn aside_path(sha256: &str) -> Path {
    Path::from(format!("{}.aside", content_path(sha256)))
}

fn side_path(sha256: &str) -> Path {
    Path::from(format!("{}.text", content_path(sha256)))
}

/// The next piece of the file; shorter than [`PART_BYTES`] at its end.
async fn part(file: &mut fs::File) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(PART_BYTES);
    file.take(PART_BYTES as u64).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

async fn send_parts(
    upload: &mut dyn MultipartUpload,
    mut file: fs::File,
    first: Vec<u8>,
) -> Result<()> {
    let mut next = first;
    while !next.is_empty() {
        upload.put_part(next.into()).await.map_err(failed)?;
        next = part(&mut file).await?;
    }
    upload.complete().await.map_err(failed)?;
    Ok(())
}

/// The pieces, as long as none takes too long.
fn unless_silent(pieces: FileContent) -> FileContent {
    futures_util::stream::try_unfold(pieces, |mut pieces| async {
        match tokio::time::timeout(SILENCE, pieces.try_next()).await {
            Ok(piece) => Ok(piece?.map(|piece| (piece, pieces))),
            Err(_) => Err(Error::StorageUnavailable("the bucket stopped in mid-file".to_owned())),
        }
    })
    .boxed()
}

const fn refuses(error: &object_store::Error) -> bool {
    use object_store::Error::{PermissionDenied, Unauthenticated};
    matches!(error, PermissionDenied { .. } | Unauthenticated { .. })
}

fn failed(error: object_store::Error) -> Error {
    match error {
        object_store::Error::NotFound { .. } => {
            Error::Storage(std::io::Error::new(std::io::ErrorKind::NotFound, error))
        }
        error => Error::StorageUnavailable(error.to_string()),
    }
}

/// Gives the library the HTTP client of all our outbound calls.
#[derive(Debug)]
struct Connector(vpaura_llm::HttpClient);

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Timed(self.0.clone())))
    }
}

/// The client, with a limit on how long an answer may take to begin.
#[derive(Debug)]
struct Timed(vpaura_llm::HttpClient);

#[async_trait]
impl HttpService for Timed {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        match tokio::time::timeout(ANSWER, HttpService::call(&self.0, request)).await {
            Ok(answer) => answer,
            Err(late) => Err(HttpError::new(HttpErrorKind::Timeout, late)),
        }
    }
}
