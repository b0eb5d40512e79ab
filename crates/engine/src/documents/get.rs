//! Reads one document's record.

use vpaura_domain::{CollectionId, Document, DocumentId, Scope};

use crate::{Engine, Result};

impl Engine {
    /// The document, with how far it is.
    pub async fn get_document(
        &self,
        scope: &Scope,
        collection: CollectionId,
        id: DocumentId,
    ) -> Result<Document> {
        self.visible_document(scope, collection, id).await
    }
}
