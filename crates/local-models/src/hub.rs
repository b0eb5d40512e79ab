//! Fetches a model's files from a hub that serves `<hub>/<organisation>/<name>/resolve/main/<file>`,
//! as Hugging Face does.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use vpaura_llm::{FetchError, Fetched, Fetcher};

use crate::ModelError;
use crate::folder::{CONFIG, MODULES, POOLING, PROMPTS, SENTENCES, TOKENIZER, WEIGHTS};

/// The files of a model and whether it can do without. `config.json` is the last: where it is, all
/// are.
const FILES: [(&str, bool); 7] = [
    (MODULES, false),
    (POOLING, false),
    (SENTENCES, false),
    (PROMPTS, false),
    (TOKENIZER, true),
    (WEIGHTS, true),
    (CONFIG, true),
];

/// Fetches the files of `model` that `folder` lacks. Each is written under a temporary name and
/// gets its own when it is whole, so a broken-off fetch goes on where it was.
pub(crate) async fn fetch_model(
    fetcher: &Fetcher,
    hub: &str,
    model: &str,
    folder: &Path,
) -> Result<(), ModelError> {
    tracing::info!(model, "fetching a local model");
    for (file, needed) in FILES {
        if folder.join(file).exists() {
            continue;
        }
        let address = format!("{}/{model}/resolve/main/{file}", hub.trim_end_matches('/'));
        match fetcher.fetch(&address).await {
            Ok(fetched) => Download { model, file, path: folder.join(file) }.keep(fetched).await?,
            Err(FetchError::Status(404)) if !needed => {}
            Err(FetchError::Status(404 | 401)) => {
                let (model, file) = (model.to_owned(), file.to_owned());
                return Err(ModelError::NotOnHub { model, file });
            }
            Err(error) => return Err(ModelError::hub(model, file, &error)),
        }
    }
    tracing::info!(model, "the local model is here");
    Ok(())
}

/// One file on its way.
struct Download<'a> {
    model: &'a str,
    file: &'a str,
    path: PathBuf,
}

impl Download<'_> {
    /// Writes what comes and gives it its name.
    async fn keep(&self, fetched: Fetched) -> Result<(), ModelError> {
        let part = self.path.with_added_extension("part");
        let unwritable = |error: io::Error| self.broken(format!("it cannot be kept: {error}"));
        let file = reserve(&part).map_err(unwritable)?;
        let outcome = self.write(fetched, file).await;
        if outcome.is_ok() {
            std::fs::rename(&part, &self.path).map_err(unwritable)?;
        } else if let Err(error) = std::fs::remove_file(&part) {
            tracing::warn!(path = %part.display(), %error, "a part of a model was left behind");
        }
        outcome
    }

    async fn write(&self, fetched: Fetched, file: File) -> Result<(), ModelError> {
        let unwritable = |error: io::Error| self.broken(format!("it cannot be kept: {error}"));
        // What a hub says of the file it keeps elsewhere, on its way there.
        let size = fetched.header("x-linked-size").and_then(|size| size.parse().ok());
        let size: Option<u64> = size.or(fetched.length());
        let hash = fetched.header("x-linked-etag").map(|tag| tag.trim_matches('"').to_lowercase());
        let hash = hash.filter(|tag| tag.len() == 64);
        let mut file = tokio::fs::File::from_std(file);
        let (mut written, mut hasher) = (0_u64, Sha256::new());
        let mut body = fetched.into_stream();
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|error| ModelError::hub(self.model, self.file, &error))?;
            written += piece.len() as u64;
            hasher.update(&piece);
            file.write_all(&piece).await.map_err(unwritable)?;
        }
        if size.is_some_and(|size| size != written) {
            return Err(
                self.broken(format!("{written} bytes came instead of {}", size.unwrap_or(0)))
            );
        }
        let found = format!("{:x}", hasher.finalize());
        if hash.is_some_and(|hash| hash != found) {
            return Err(self.broken("its checksum is not the one that the hub names".into()));
        }
        file.sync_all().await.map_err(unwritable)
    }

    fn broken(&self, reason: String) -> ModelError {
        ModelError::Hub { model: self.model.to_owned(), file: self.file.to_owned(), reason }
    }
}

/// An empty file that no other process is writing.
fn reserve(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(io::Error::other("another process is fetching it"));
        }
        Err(TryLockError::Error(error)) => return Err(error),
    }
    file.set_len(0)?;
    Ok(file)
}
