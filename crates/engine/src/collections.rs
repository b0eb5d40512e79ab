//! Collections: documents that are searched as one. One operation, one file.

mod check;
mod create;
mod delete;
mod get;
mod list;
mod purge;
mod reindex;
mod share;
mod update;

pub use create::NewCollection;
pub use update::CollectionUpdate;

use vpaura_domain::{CollectionId, Permission, Scope};

use crate::{Engine, Error, Result, Thing};

/// What the audit log calls them.
const KIND: &str = "collection";

impl Engine {
    /// Whether the caller may change the collection and its documents: who may change all, who
    /// made it, or with whom it is shared so.
    pub(crate) async fn may_change_collection(
        &self,
        scope: &Scope,
        id: CollectionId,
    ) -> Result<()> {
        scope.require(Permission::CollectionsRead)?;
        let may = self.store.may_edit_collection(scope, id).await?.ok_or_else(missing)?;
        // What is shared with a user is theirs to change, not a key's that lacks the permission.
        if !may || scope.api_key_id().is_some() {
            scope.require(Permission::CollectionsWrite)?;
        }
        Ok(())
    }
}

/// What is missing when there is no such collection for the caller.
const fn missing() -> Error {
    Error::NotFound(Thing::Collection)
}
