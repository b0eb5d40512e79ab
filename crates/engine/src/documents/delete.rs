//! Deletes a document.

use serde_json::json;
use vpaura_domain::{CollectionId, DocumentId, Origin, Scope};

use super::{KIND, missing};
use crate::audit::Deed;
use crate::{Engine, Result};

impl Engine {
    /// Deletes the document with its chunks and, when nothing else has the same, its content.
    /// From then on no answer finds it.
    pub async fn delete_document(
        &self,
        scope: &Scope,
        collection: CollectionId,
        id: DocumentId,
        origin: &Origin,
    ) -> Result<()> {
        self.may_change_collection(scope, collection).await?;
        let document = self.visible_document(scope, collection, id).await?;
        let details = json!({ "name": document.name, "collection_id": collection });
        let entry = self.entry(scope, origin, Deed::to("document.deleted", KIND, id, details));
        if !self.store.delete_document(scope, collection, id, &entry).await? {
            return Err(missing());
        }
        self.released.notify_one();
        Ok(())
    }
}
