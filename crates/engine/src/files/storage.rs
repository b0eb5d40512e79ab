//! Where the bytes of files lie: a folder, one file per content hash. Nothing is ever half
//! there: bytes are written aside and moved in place when they are whole.

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tokio::fs;
use tokio::io::{AsyncWriteExt, BufWriter};
use uuid::Uuid;

/// The folder of all files.
#[derive(Debug, Clone)]
pub(crate) struct FileStorage {
    root: PathBuf,
}

/// A file on its way in. Dropped without [`keep`](Incoming::keep), it leaves nothing behind.
pub(crate) struct Incoming {
    file: BufWriter<fs::File>,
    path: PathBuf,
    hash: Sha256,
    size: u64,
    kept: bool,
}

impl FileStorage {
    /// Opens the folder and clears what a killed server left half-written.
    pub(crate) async fn open(root: &Path) -> io::Result<Self> {
        let incoming = root.join("incoming");
        if fs::try_exists(&incoming).await? {
            fs::remove_dir_all(&incoming).await?;
        }
        fs::create_dir_all(&incoming).await?;
        Ok(Self { root: root.to_owned() })
    }

    /// Begins a new file under a temporary name.
    pub(crate) async fn receive(&self, name: Uuid) -> io::Result<Incoming> {
        let path = self.root.join("incoming").join(name.to_string());
        let file = BufWriter::new(fs::File::create_new(&path).await?);
        Ok(Incoming { file, path, hash: Sha256::new(), size: 0, kept: false })
    }

    /// The path of the content with this hash (64 hexadecimal digits).
    pub(crate) fn path(&self, sha256: &str) -> PathBuf {
        let folder = sha256.get(..2).unwrap_or("00");
        self.root.join(folder).join(sha256)
    }

    /// The whole content.
    pub(crate) async fn read(&self, sha256: &str) -> io::Result<Vec<u8>> {
        fs::read(self.path(sha256)).await
    }

    /// Removes contents that nothing refers to any more. What cannot be removed is only logged:
    /// the rows are gone, nobody can reach it.
    pub(crate) async fn remove_all(&self, hashes: &[String]) {
        for sha256 in hashes {
            match fs::remove_file(self.path(sha256)).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(file.sha256 = %sha256, %error, "stored bytes left behind");
                }
                _ => {}
            }
        }
    }
}

impl Incoming {
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

    /// Where the bytes lie, all of them written out.
    pub(crate) async fn flush(&mut self) -> io::Result<&Path> {
        self.file.flush().await?;
        Ok(&self.path)
    }

    /// Puts the bytes in their place, on disk for good, and returns their hash.
    pub(crate) async fn keep(mut self, storage: &FileStorage) -> io::Result<String> {
        self.file.flush().await?;
        self.file.get_ref().sync_all().await?;
        let sha256 = format!("{:x}", std::mem::take(&mut self.hash).finalize());
        let place = storage.path(&sha256);
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder).await?;
        }
        fs::rename(&self.path, &place).await?;
        self.kept = true;
        Ok(sha256)
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if !self.kept {
            // Nothing more can be done here; the folder is cleared at the next start.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
