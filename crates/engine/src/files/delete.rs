//! Deletes a file: its record, and its bytes when no other record has the same.

use vpaura_domain::{FileId, Permission, Scope};

use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// Deletes the file. Messages keep its name; what it said can no longer be found.
    pub async fn delete_file(&self, scope: &Scope, id: FileId) -> Result<()> {
        scope.require(Permission::ChatWrite)?;
        if !self.store.delete_file(scope, id).await? {
            return Err(Error::NotFound(Thing::File));
        }
        self.released.notify_one();
        self.file_passages.invalidate(&id);
        Ok(())
    }
}
