//! Reads one collection.

use vpaura_domain::{Collection, CollectionId, Permission, Scope};

use super::missing;
use crate::{Engine, Result};

impl Engine {
    /// The collection, with how far its documents and vectors are.
    pub async fn get_collection(&self, scope: &Scope, id: CollectionId) -> Result<Collection> {
        scope.require(Permission::CollectionsRead)?;
        self.store.get_collection(scope, id).await?.ok_or_else(missing)
    }
}
