//! Has a document read, cut and indexed again.

use vpaura_domain::{CollectionId, Document, DocumentId, Scope};

use super::missing;
use crate::{Engine, Result};

impl Engine {
    /// Puts the document back among those that wait: one that failed, or one that is to be cut as
    /// its collection says now. Until it is done its old chunks are found.
    pub async fn reindex_document(
        &self,
        scope: &Scope,
        collection: CollectionId,
        id: DocumentId,
    ) -> Result<Document> {
        self.may_change_collection(scope, collection).await?;
        let document = self.store.reindex_document(scope, collection, id).await?;
        let document = document.ok_or_else(missing)?;
        self.ingestions.notify_one();
        Ok(document)
    }
}
