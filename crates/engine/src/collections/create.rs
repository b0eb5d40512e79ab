//! Creates a collection.

use serde_json::json;
use vpaura_domain::{
    Chunking, Collection, CollectionCounts, CollectionId, EmbeddingState, Origin, Permission,
    Scope, Visibility,
};

use super::{KIND, check};
use crate::audit::Deed;
use crate::chatbots::check::description;
use crate::idempotency::Idempotency;
use crate::{Engine, Error, Result};

/// What a new collection is made of.
#[derive(Debug, Clone, Default)]
pub struct NewCollection {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub description: Option<String>,
    /// Who may search it.
    pub visibility: Visibility,
    /// How its documents are cut.
    pub chunking: Chunking,
}

impl Engine {
    /// Creates an empty collection in the caller's workspace.
    pub async fn create_collection(
        &self,
        scope: &Scope,
        new: NewCollection,
        idempotency: Option<Idempotency>,
        origin: &Origin,
    ) -> Result<Collection> {
        scope.require(Permission::CollectionsWrite)?;
        if scope.limited_key().is_some() {
            return Err(Error::Forbidden("this API key is for its own chatbots alone"));
        }
        let now = self.clock.now();
        let collection = Collection {
            id: CollectionId::generate(&*self.ids),
            name: check::name(&new.name)?,
            description: description(new.description)?,
            visibility: new.visibility,
            chunking: check::chunking(new.chunking)?,
            counts: CollectionCounts::default(),
            embedding: EmbeddingState::default(),
            created_by: scope.user_id(),
            created_at: now,
            updated_at: now,
        };
        let deed = Deed::to(
            "collection.created",
            KIND,
            collection.id,
            json!({ "name": collection.name, "visibility": collection.visibility }),
        );
        let entry = self.entry(scope, origin, deed);
        let key = idempotency.map(Into::into);
        let created =
            self.store.create_collection(scope, &collection, key.as_ref(), &entry).await?;
        self.upkeep.collection_is_new();
        Ok(created.into_inner())
    }
}
