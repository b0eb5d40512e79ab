//! Lists a collection's documents.

use vpaura_domain::{CollectionId, Document, Listing, Page, Scope};
use vpaura_store::DocumentFilter;

use crate::{Engine, Result};

impl Engine {
    /// The collection's documents, the newest first.
    pub async fn list_documents(
        &self,
        scope: &Scope,
        collection: CollectionId,
        page: &Page,
        filter: &DocumentFilter,
    ) -> Result<Listing<Document>> {
        self.get_collection(scope, collection).await?;
        Ok(self.store.list_documents(scope, collection, page, filter).await?)
    }
}
