//! What every storage does, and what a bucket does when it is unwell.

use futures_util::TryStreamExt;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use vpaura_config::S3Config;
use vpaura_domain::{IdGen, RandomIds};
use vpaura_test_support::S3Server;

use super::incoming_folder::LOCK;
use super::*;

/// A storage and what it stands on.
struct Case {
    storage: FileStorage,
    folder: TempDir,
    bucket: Option<S3Server>,
}

impl Case {
    async fn local() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let storage = FileStorage::open(folder.path(), &StorageConfig::Local).await;
        Self { storage: storage.expect("a storage"), folder, bucket: None }
    }

    async fn s3() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let bucket = S3Server::start().await.expect("a bucket");
        let storage = FileStorage::open(folder.path(), &s3(&bucket.url(), S3Server::KEY)).await;
        Self { storage: storage.expect("a storage"), folder, bucket: Some(bucket) }
    }

    async fn incoming(&self, content: &[u8]) -> Incoming {
        let mut incoming = self.storage.receive(RandomIds.uuid()).await.expect("room");
        for piece in content.chunks(1_000_000) {
            incoming.write(piece).await.expect("written");
        }
        incoming
    }

    async fn keep(&self, content: &[u8]) -> Result<String> {
        let mut incoming = self.incoming(content).await;
        let sha256 = incoming.finish().await?;
        self.storage.keep(&sha256, &incoming).await?;
        Ok(sha256)
    }

    async fn read(&self, sha256: &str) -> Vec<u8> {
        let pieces = self.storage.content(sha256).await.expect("a content");
        pieces.try_collect::<Vec<_>>().await.expect("all of it").concat()
    }

    /// Files that lie in the folder, those in the bucket's place not counted.
    fn left(&self) -> usize {
        let folders = std::fs::read_dir(self.folder.path().join("incoming")).expect("a folder");
        let files = |folder: std::path::PathBuf| std::fs::read_dir(folder).into_iter().flatten();
        let files = folders.flat_map(|folder| files(folder.expect("an entry").path()));
        files.filter(|file| file.as_ref().expect("an entry").file_name() != LOCK).count()
    }
}

fn s3(endpoint: &str, key: &str) -> StorageConfig {
    StorageConfig::S3(S3Config {
        endpoint: Some(endpoint.to_owned()),
        bucket: S3Server::BUCKET.to_owned(),
        region: "us-east-1".to_owned(),
        access_key: Some(key.into()),
        secret_key: Some("secret-of-tests".into()),
    })
}

/// What every storage does.
async fn conforms(case: Case) {
    let content: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    let sha256 = case.keep(&content).await.expect("kept");
    assert_eq!(sha256.len(), 64);
    assert_eq!(case.keep(&content).await.expect("kept again"), sha256);
    assert_eq!(case.left(), 0);
    assert_eq!(case.read(&sha256).await, content);
    let mut file = case.storage.file(&sha256).await.expect("a file");
    let mut read = Vec::new();
    std::io::Read::read_to_end(&mut file, &mut read).expect("read");
    assert_eq!(read, content);
    assert_eq!(case.left(), 0);

    assert_eq!(case.storage.side(&sha256).await.expect("an answer"), None);
    for side in [&b"one"[..], b"another"] {
        let kept = case.storage.keep_side(&sha256, side.to_vec(), RandomIds.uuid()).await;
        kept.expect("kept beside");
        assert_eq!(case.storage.side(&sha256).await.expect("an answer").as_deref(), Some(side));
    }

    drop(case.incoming(b"half of it").await);
    assert_eq!(case.left(), 0);
    let other = case.keep(b"other").await.expect("kept");
    for gone in [&sha256, &"f".repeat(64)] {
        case.storage.put_aside(gone).await.expect("put aside");
        case.storage.remove(gone).await.expect("removed");
    }
    assert!(matches!(case.storage.file(&sha256).await, Err(Error::Storage(_))));
    assert!(case.storage.content(&sha256).await.is_err());
    assert_eq!(case.storage.side(&sha256).await.expect("an answer"), None);
    assert_eq!(case.read(&other).await, b"other");
    put_aside(case, &other).await;
}

/// What is looked at is there for its readers, and for who adds it at that moment.
async fn put_aside(case: Case, sha256: &str) {
    case.storage.put_aside(sha256).await.expect("put aside");
    assert_eq!(case.read(sha256).await, b"other");
    case.storage.put_back(sha256).await.expect("put back");
    case.storage.put_back(sha256).await.expect("there is nothing to put back");
    assert_eq!(case.read(sha256).await, b"other");

    let mut incoming = case.incoming(b"other").await;
    assert_eq!(incoming.finish().await.expect("written"), sha256);
    case.storage.keep(sha256, &incoming).await.expect("kept");
    case.storage.put_aside(sha256).await.expect("put aside");
    case.storage.keep(sha256, &incoming).await.expect("kept again");
    case.storage.remove(sha256).await.expect("removed");
    assert_eq!(case.read(sha256).await, b"other");
    drop(incoming);
    assert_eq!((case.left(), case.read(sha256).await), (0, b"other".to_vec()));
    case.storage.put_aside(sha256).await.expect("put aside");
    case.storage.remove(sha256).await.expect("removed");
    assert!(case.storage.content(sha256).await.is_err());
}

#[tokio::test]
async fn a_folder_conforms() {
    conforms(Case::local().await).await;
}

#[tokio::test]
async fn a_bucket_conforms() {
    conforms(Case::s3().await).await;
}

#[tokio::test]
async fn what_a_killed_server_left_half_written_is_cleared() {
    let case = Case::local().await;
    std::mem::forget(case.incoming(b"half of it").await);
    // Left by an earlier version.
    std::fs::write(case.folder.path().join("incoming/old"), b"half of it").expect("written");
    assert_eq!(case.left(), 1);
    // Its lock goes as it does with a process.
    let Case { folder, storage, .. } = case;
    drop(storage);
    let storage = FileStorage::open(folder.path(), &StorageConfig::Local).await;
    let case = Case { storage: storage.expect("a storage"), folder, bucket: None };
    assert_eq!(case.left(), 0);
    assert!(!case.folder.path().join("incoming/old").exists());
}

#[tokio::test]
async fn what_another_process_is_writing_is_left_alone() {
    let case = Case::local().await;
    let mut incoming = case.incoming(b"half of it").await;
    let beside = FileStorage::open(case.folder.path(), &StorageConfig::Local).await;
    let beside = beside.expect("a storage");
    assert_eq!(case.left(), 1);
    let sha256 = incoming.finish().await.expect("written");
    case.storage.keep(&sha256, &incoming).await.expect("kept");
    assert!(beside.file(&sha256).await.is_ok());
}

#[tokio::test]
async fn a_large_content_goes_to_the_bucket_in_parts() {
    let case = Case::s3().await;
    let bucket = case.bucket.as_ref().expect("a bucket");
    let content = vec![7; 20 * 1024 * 1024 + 1];
    let sha256 = case.keep(&content).await.expect("kept");
    assert_eq!((bucket.parts(), bucket.open_uploads()), (3, 0));
    assert_eq!(case.read(&sha256).await.len(), content.len());
    assert_eq!(bucket.names(), [format!("files/{}/{sha256}", &sha256[..2])]);
}

#[tokio::test]
async fn a_bucket_that_fails_keeps_nothing_and_says_so() {
    let case = Case::s3().await;
    let bucket = case.bucket.as_ref().expect("a bucket");
    bucket.fail(true);
    let refused = case.keep(b"words").await;
    assert!(matches!(refused, Err(Error::StorageUnavailable(_))), "{refused:?}");
    assert_eq!((bucket.names().len(), case.left()), (0, 0));
    bucket.fail(false);
    case.keep(b"words").await.expect("kept");
}

#[tokio::test]
async fn a_wrong_key_is_refused_at_the_start_and_a_silent_service_later() {
    let case = Case::s3().await;
    let url = case.bucket.as_ref().expect("a bucket").url();
    let refused = FileStorage::open(case.folder.path(), &s3(&url, "another-key")).await;
    assert!(matches!(refused, Err(Error::Settings(_))), "{refused:?}");
    let text = format!("{refused:?}");
    assert!(!text.contains("secret-of-tests"), "{text}");

    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", nobody.local_addr().expect("an address"));
    drop(nobody);
    let storage = FileStorage::open(case.folder.path(), &s3(&url, S3Server::KEY)).await;
    let silent = Case { storage: storage.expect("opened"), ..Case::local().await };
    let refused = silent.keep(b"words").await;
    assert!(matches!(refused, Err(Error::StorageUnavailable(_))), "{refused:?}");
}

/// Answers until it was asked for a content, of which it sends a part, and then nothing any more.
async fn stall(listener: tokio::net::TcpListener) -> tokio::net::TcpStream {
    loop {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            assert!(stream.read_buf(&mut asked).await.expect("a request") > 0);
        }
        let stalls = asked.starts_with(b"GET");
        let answer: &[u8] = match stalls {
            true => {
                b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nETag: \"1\"\r\n\
                  Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\nhalf"
            }
            false => b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        };
        stream.write_all(answer).await.expect("answered");
        if stalls {
            return stream;
        }
    }
}

#[tokio::test]
async fn a_bucket_that_stops_within_a_text_holds_nobody_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let folder = tempfile::tempdir().expect("a folder");
    let asked = async {
        let storage = FileStorage::open(folder.path(), &s3(&url, S3Server::KEY)).await;
        storage.expect("opened").side(&"a".repeat(64)).await
    };
    let served = async {
        let stream = stall(listener).await;
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        // From here on time is as long as whoever waits.
        tokio::time::pause();
        stream
    };
    let (refused, _stream) = tokio::join!(asked, served);
    assert!(matches!(refused, Err(Error::StorageUnavailable(_))), "{refused:?}");
}
