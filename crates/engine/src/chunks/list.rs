//! Lists a document's chunks.

use vpaura_domain::{Chunk, CollectionId, DocumentId, Listing, Page, Scope};

use crate::{Engine, Result};

impl Engine {
    /// The document's chunks, in its order.
    pub async fn list_chunks(
        &self,
        scope: &Scope,
        collection: CollectionId,
        document: DocumentId,
        page: &Page,
    ) -> Result<Listing<Chunk>> {
        self.get_document(scope, collection, document).await?;
        Ok(self.store.list_chunks(scope, collection, document, page).await?)
    }
}
