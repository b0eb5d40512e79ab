//! Where the bytes of files lie: one content per hash, on this machine or in a bucket. What comes
//! in is written to a folder of this machine first, under a temporary name, and put in its place
//! when it is whole: nothing is ever half there. Beside a content lies its text, once read.

mod incoming;
mod incoming_folder;
mod local;
mod s3;

use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use tokio_util::io::ReaderStream;
use uuid::Uuid;
use vpaura_config::StorageConfig;

use self::incoming_folder::IncomingFolder;
use self::local::LocalFiles;
use self::s3::S3Files;
use crate::{Error, Result};

pub(crate) use incoming::Incoming;

/// The bytes of a file, piece by piece.
pub type FileContent = BoxStream<'static, Result<Bytes>>;

/// All contents, and the folder of those on their way in.
#[derive(Debug, Clone)]
pub(crate) struct FileStorage {
    incoming: Arc<IncomingFolder>,
    place: Place,
}

/// Where contents stay.
#[derive(Debug, Clone)]
enum Place {
    Local(LocalFiles),
    S3(S3Files),
}

impl FileStorage {
    /// Opens the storage and clears what killed servers left half-written in the folder `root`.
    ///
    /// # Errors
    /// [`Error::Settings`] for a bucket that refuses the configured key.
    pub(crate) async fn open(root: &Path, storage: &StorageConfig) -> Result<Self> {
        let all = root.join("incoming");
        let incoming = tokio::task::spawn_blocking(move || IncomingFolder::open(&all)).await;
        let incoming = incoming
            .map_err(|error| Error::Internal(format!("opening the storage: {error}")))??;
        let place = match storage {
            StorageConfig::Local => Place::Local(LocalFiles::new(root.to_owned())),
            StorageConfig::S3(config) => Place::S3(S3Files::open(config).await?),
        };
        Ok(Self { incoming: Arc::new(incoming), place })
    }

    /// Begins a new content under a temporary name.
    pub(crate) async fn receive(&self, name: Uuid) -> io::Result<Incoming> {
        Incoming::begin(self.incoming.path().join(name.to_string())).await
    }

    /// Puts what came in, which was finished, into its place. What is there already stays.
    pub(crate) async fn keep(&self, sha256: &str, incoming: &Incoming) -> Result<()> {
        match &self.place {
            Place::Local(local) => local.put(sha256, incoming.path()).await,
            Place::S3(s3) => s3.put(sha256, incoming.path()).await,
        }
    }

    /// The content with this hash (64 hexadecimal digits), to be read piece by piece.
    pub(crate) async fn content(&self, sha256: &str) -> Result<FileContent> {
        match &self.place {
            Place::Local(local) => {
                let file = local.open(sha256).await?;
                Ok(ReaderStream::new(file).map(|piece| piece.map_err(Error::from)).boxed())
            }
            Place::S3(s3) => s3.get(sha256).await,
        }
    }

    /// The content as an open file of this machine. From a bucket it is brought here, into a file
    /// without a name, which is gone when it is closed.
    pub(crate) async fn file(&self, sha256: &str) -> Result<std::fs::File> {
        match &self.place {
            Place::Local(local) => Ok(local.open(sha256).await?.into_std().await),
            Place::S3(s3) => s3.fetch(sha256, self.incoming.path()).await,
        }
    }

    /// What was kept beside the content; none when nothing was.
    pub(crate) async fn side(&self, sha256: &str) -> Result<Option<Vec<u8>>> {
        match &self.place {
            Place::Local(local) => local.side(sha256).await,
            Place::S3(s3) => s3.side(sha256).await,
        }
    }

    /// Keeps this beside the content, in place of what was there. `name` is a temporary one.
    pub(crate) async fn keep_side(&self, sha256: &str, bytes: Vec<u8>, name: Uuid) -> Result<()> {
        match &self.place {
            Place::Local(local) => {
                let aside = self.incoming.path().join(name.to_string());
                local.keep_side(sha256, &bytes, &aside).await
            }
            Place::S3(s3) => s3.keep_side(sha256, bytes).await,
        }
    }

    /// Takes the content out of its place, to be [put back](Self::put_back) or
    /// [removed](Self::remove). It can still be read. One at a time may do so with a content.
    pub(crate) async fn put_aside(&self, sha256: &str) -> Result<()> {
        match &self.place {
            Place::Local(local) => local.put_aside(sha256).await,
            Place::S3(s3) => s3.put_aside(sha256).await,
        }
    }

    /// Puts the content back into its place, if it was put aside.
    pub(crate) async fn put_back(&self, sha256: &str) -> Result<()> {
        match &self.place {
            Place::Local(local) => local.put_back(sha256).await,
            Place::S3(s3) => s3.put_back(sha256).await,
        }
    }

    /// Removes a content that was put aside, with what lies beside it. The same that was put into
    /// its place since stays.
    pub(crate) async fn remove(&self, sha256: &str) -> Result<()> {
        match &self.place {
            Place::Local(local) => local.remove(sha256).await,
            Place::S3(s3) => s3.remove(sha256).await,
        }
    }
}

#[cfg(test)]
mod tests;
