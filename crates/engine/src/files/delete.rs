//! Deletes a file: its record, and its bytes when no other record has the same.

use vpaura_domain::{FileId, Permission, Scope};

use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// Deletes the file. Messages keep its name; what it said can no longer be found.
    pub async fn delete_file(&self, scope: &Scope, id: FileId) -> Result<()> {
        scope.require(Permission::ChatWrite)?;
        let deleted = self.store.delete_file(scope, id).await?;
        let deleted = deleted.ok_or(Error::NotFound(Thing::File))?;
        if deleted.last_reference {
            self.files.remove_all(&[deleted.sha256]).await;
        }
        self.file_passages.invalidate(&id);
        Ok(())
    }
}
