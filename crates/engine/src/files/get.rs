//! Reads a file's record, its bytes, or its text.

use vpaura_domain::{FileId, FileRecord, Permission, Scope};
use vpaura_knowledge::extract::Extracted;

use super::{FileContent, ReadFor};
use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// The file's record, if the caller may see it.
    pub async fn get_file(&self, scope: &Scope, id: FileId) -> Result<FileRecord> {
        scope.require(Permission::ChatRead)?;
        self.store.get_file(scope, id).await?.ok_or(Error::NotFound(Thing::File))
    }

    /// The file's record and its bytes.
    pub async fn file_content(
        &self,
        scope: &Scope,
        id: FileId,
    ) -> Result<(FileRecord, FileContent)> {
        let file = self.get_file(scope, id).await?;
        let content = self.files.content(&file.sha256).await?;
        Ok((file, content))
    }

    /// The file's record and its whole text, as citations count it.
    pub async fn file_text(&self, scope: &Scope, id: FileId) -> Result<(FileRecord, Extracted)> {
        let file = self.get_file(scope, id).await?;
        let extracted =
            self.extracted(ReadFor::Caller(scope), &file.sha256, &file.media_type).await?;
        Ok((file, extracted))
    }
}
