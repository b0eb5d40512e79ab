//! Contents in a folder of this machine: `ab/abcdef…`, and beside it `ab/abcdef….text`. One that is
//! perhaps to be removed is called `ab/abcdef….aside`.

use std::io;
use std::path::{Path, PathBuf};

use tokio::fs;

use crate::Result;

/// The folder.
#[derive(Debug, Clone)]
pub(super) struct LocalFiles {
    root: PathBuf,
}

impl LocalFiles {
    pub(super) const fn new(root: PathBuf) -> Self {
        Self { root }
    }

    fn path(&self, sha256: &str) -> PathBuf {
        let folder = sha256.get(..2).unwrap_or("00");
        self.root.join(folder).join(sha256)
    }

    fn side_path(&self, sha256: &str) -> PathBuf {
        self.path(sha256).with_extension("text")
    }

    fn aside_path(&self, sha256: &str) -> PathBuf {
        self.path(sha256).with_extension("aside")
    }

    /// Puts the file at `from`, which stays, into its place, unless the content is there.
    pub(super) async fn put(&self, sha256: &str, from: &Path) -> Result<()> {
        let place = self.path(sha256);
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder).await?;
        }
        match fs::hard_link(from, &place).await {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
            // Not every file system has links.
            Err(_) if fs::try_exists(&place).await? => return Ok(()),
            Err(_) => {}
        }
        let copy = from.with_extension("copy");
        let copied = put_copy(from, &copy, &place).await;
        if copied.is_err() {
            // What is left of it is cleared at the next start at the latest.
            let _ = fs::remove_file(&copy).await;
        }
        Ok(copied?)
    }

    /// The content, also while somebody looks whether it is needed.
    pub(super) async fn open(&self, sha256: &str) -> io::Result<fs::File> {
        let place = self.path(sha256);
        match fs::File::open(&place).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            opened => return opened,
        }
        match fs::File::open(self.aside_path(sha256)).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::File::open(&place).await,
            opened => opened,
        }
    }

    pub(super) async fn put_aside(&self, sha256: &str) -> Result<()> {
        Ok(gone(fs::rename(self.path(sha256), self.aside_path(sha256)).await)?)
    }

    pub(super) async fn put_back(&self, sha256: &str) -> Result<()> {
        Ok(gone(fs::rename(self.aside_path(sha256), self.path(sha256)).await)?)
    }

    pub(super) async fn side(&self, sha256: &str) -> Result<Option<Vec<u8>>> {
        match fs::read(self.side_path(sha256)).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn keep_side(&self, sha256: &str, bytes: &[u8], aside: &Path) -> Result<()> {
        let place = self.side_path(sha256);
        let kept = match fs::write(aside, bytes).await {
            Ok(()) => fs::rename(aside, &place).await,
            Err(error) => Err(error),
        };
        if kept.is_err() {
            // What is left of it is cleared at the next start at the latest.
            let _ = fs::remove_file(aside).await;
        }
        Ok(kept?)
    }

    pub(super) async fn remove(&self, sha256: &str) -> Result<()> {
        gone(fs::remove_file(self.aside_path(sha256)).await)?;
        Ok(gone(fs::remove_file(self.side_path(sha256)).await)?)
    }
}

async fn put_copy(from: &Path, copy: &Path, place: &Path) -> io::Result<()> {
    fs::copy(from, copy).await?;
    fs::File::open(copy).await?.sync_all().await?;
    fs::rename(copy, place).await
}

/// What is not there any more is as good as moved or removed.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
