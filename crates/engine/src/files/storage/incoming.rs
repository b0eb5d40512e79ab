//! A content on its way in.

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tokio::fs;
use tokio::io::{AsyncWriteExt, BufWriter};

/// A file under a temporary name. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct Incoming {
    file: BufWriter<fs::File>,
    path: PathBuf,
    hash: Sha256,
    size: u64,
}

impl Incoming {
    pub(super) async fn begin(path: PathBuf) -> io::Result<Self> {
        let file = BufWriter::new(fs::File::create_new(&path).await?);
        Ok(Self { file, path, hash: Sha256::new(), size: 0 })
    }

    /// Adds bytes.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        self.file.write_all(bytes).await
    }

    /// How many bytes came so far.
    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    /// The bytes that came so far, to be read from their beginning.
    pub(crate) async fn reader(&mut self) -> io::Result<std::fs::File> {
        self.file.flush().await?;
        Ok(fs::File::open(&self.path).await?.into_std().await)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes everything out for good and returns the hash of it.
    pub(crate) async fn finish(&mut self) -> io::Result<String> {
        self.file.flush().await?;
        self.file.get_ref().sync_all().await?;
        Ok(format!("{:x}", self.hash.finalize_reset()))
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // Nothing more can be done here; the folder is cleared at the next start.
        let _ = std::fs::remove_file(&self.path);
    }
}
