//! Changes a collection.

use serde_json::json;
use vpaura_domain::{Chunking, Collection, CollectionId, Origin, Permission, Scope, Visibility};
use vpaura_store::CollectionChanges;

use super::{KIND, check, missing};
use crate::audit::Deed;
use crate::chatbots::check::description;
use crate::{Engine, Result};

/// What changes of a collection; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct CollectionUpdate {
    /// The new name.
    pub name: Option<String>,
    /// The new description; `Some(None)` removes it.
    pub description: Option<Option<String>>,
    /// Who may search it.
    pub visibility: Option<Visibility>,
    /// How documents are cut from now on. Those that are there stay as they are until they are
    /// indexed again.
    pub chunking: Option<Chunking>,
}

impl Engine {
    /// Applies the changes and returns the collection as it is then.
    pub async fn update_collection(
        &self,
        scope: &Scope,
        id: CollectionId,
        update: CollectionUpdate,
        origin: &Origin,
    ) -> Result<Collection> {
        self.may_change_collection(scope, id).await?;
        let collection = self.get_collection(scope, id).await?;
        if update.visibility.is_some_and(|it| it != collection.visibility) {
            // Not for those who may change its documents alone.
            scope.require(Permission::CollectionsWrite)?;
        }
        let changes = CollectionChanges {
            name: update.name.as_deref().map(check::name).transpose()?,
            description: update.description.map(description).transpose()?,
            visibility: update.visibility,
            chunking: update.chunking.map(check::chunking).transpose()?,
        };
        let details = json!({
            "name": changes.name,
            "visibility": changes.visibility,
            "chunking": changes.chunking,
        });
        let entry = self.entry(scope, origin, Deed::to("collection.updated", KIND, id, details));
        self.store.update_collection(scope, id, &changes, &entry).await?.ok_or_else(missing)
    }
}
