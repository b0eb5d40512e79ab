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

use vpaura_domain::{Collection, CollectionId, Permission, Scope};

use crate::{Engine, Error, Result, Thing};

/// What the audit log calls them.
const KIND: &str = "collection";

impl Engine {
    /// The collection, if the caller may change it and its documents: who may change all, who made
    /// it, or with whom it is shared so.
    pub(crate) async fn changeable_collection(
        &self,
        scope: &Scope,
        id: CollectionId,
    ) -> Result<Collection> {
        let collection = self.get_collection(scope, id).await?;
        // What is shared with a user is theirs to change, not a key's that lacks the permission.
        let by_grant =
            scope.api_key_id().is_none() && self.store.may_edit_collection(scope, id).await?;
        if !by_grant {
            scope.require(Permission::CollectionsWrite)?;
        }
        Ok(collection)
    }
}

/// What is missing when there is no such collection for the caller.
const fn missing() -> Error {
    Error::NotFound(Thing::Collection)
}
