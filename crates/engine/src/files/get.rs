//! Reads a file's record, its bytes, or its text.

use std::path::PathBuf;

use vpaura_domain::{FileId, FileRecord, Permission, Scope};

use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// The file's record, if the caller may see it.
    pub async fn get_file(&self, scope: &Scope, id: FileId) -> Result<FileRecord> {
        scope.require(Permission::ChatRead)?;
        self.store.get_file(scope, id).await?.ok_or(Error::NotFound(Thing::File))
    }

    /// The file's record and where its bytes lie.
    pub async fn file_content(&self, scope: &Scope, id: FileId) -> Result<(FileRecord, PathBuf)> {
        let file = self.get_file(scope, id).await?;
        let path = self.files.path(&file.sha256);
        Ok((file, path))
    }

    /// The file's record and its whole text, as citations count it.
    pub async fn file_text(&self, scope: &Scope, id: FileId) -> Result<(FileRecord, String)> {
        let file = self.get_file(scope, id).await?;
        let text = self.text_of(&file).await?;
        Ok((file, text))
    }

    pub(super) async fn text_of(&self, file: &FileRecord) -> Result<String> {
        super::upload::decode(self.files.read(&file.sha256).await?)
    }
}
