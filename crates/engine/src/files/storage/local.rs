//! Contents in a folder of this machine: `ab/abcdef…`, and beside it `ab/abcdef….text`.

use std::io;
use std::path::{Path, PathBuf};

use tokio::fs;

use super::Incoming;
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

    pub(super) fn path(&self, sha256: &str) -> PathBuf {
        let folder = sha256.get(..2).unwrap_or("00");
        self.root.join(folder).join(sha256)
    }

    fn side_path(&self, sha256: &str) -> PathBuf {
        self.path(sha256).with_extension("text")
    }

    pub(super) async fn take(&self, sha256: &str, incoming: Incoming) -> Result<()> {
        let place = self.path(sha256);
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder).await?;
        }
        Ok(incoming.move_to(&place).await?)
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
        gone(fs::remove_file(self.path(sha256)).await)?;
        Ok(gone(fs::remove_file(self.side_path(sha256)).await)?)
    }
}

/// What is not there any more is as good as removed.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
