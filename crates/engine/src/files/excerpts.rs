//! The passages of a file, cut once and kept in memory.

use std::sync::Arc;

use vpaura_domain::{FileId, FileRecord, Scope};

use super::ReadFor;
use crate::passages::FilePassages;
use crate::{Engine, Error, Result};

impl Engine {
    /// The passages of these files, as far as the caller sees them. A file that was deleted since
    /// is simply not there any more.
    pub(crate) async fn passages_of(
        &self,
        scope: &Scope,
        files: &[FileId],
    ) -> Result<Vec<Arc<FilePassages>>> {
        let mut passages = Vec::with_capacity(files.len());
        if !files.is_empty() {
            for file in self.store.get_files(scope, files).await? {
                passages.push(self.passages_of_file(scope, &file).await?);
            }
        }
        Ok(passages)
    }

    async fn passages_of_file(
        &self,
        scope: &Scope,
        file: &FileRecord,
    ) -> Result<Arc<FilePassages>> {
        if let Some(passages) = self.file_passages.get(&file.id) {
            return Ok(passages);
        }
        let extracted =
            self.extracted(ReadFor::Caller(scope), &file.sha256, &file.media_type).await?;
        let (id, name) = (file.id, file.name.clone());
        let cut = tokio::task::spawn_blocking(move || FilePassages::cut(id, &name, &extracted));
        let cut = cut.await.map_err(|error| Error::Internal(format!("cutting a file: {error}")))?;
        let cut = cut.map_err(|error| Error::Internal(format!("cutting a file: {error}")))?;
        let passages = Arc::new(cut);
        self.file_passages.insert(file.id, Arc::clone(&passages));
        Ok(passages)
    }
}
