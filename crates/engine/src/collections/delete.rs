//! Deletes a collection.

use serde_json::json;
use vpaura_domain::{CollectionId, Origin, Permission, Scope};

use super::{KIND, missing};
use crate::audit::Deed;
use crate::{Engine, Result};

impl Engine {
    /// Deletes the collection. It is gone for everybody at once; its documents' rows and bytes are
    /// removed behind that.
    pub async fn delete_collection(
        &self,
        scope: &Scope,
        id: CollectionId,
        origin: &Origin,
    ) -> Result<()> {
        scope.require(Permission::CollectionsWrite)?;
        let collection = self.get_collection(scope, id).await?;
        let details = json!({
            "name": collection.name,
            "documents": collection.counts.documents_total,
        });
        let entry = self.entry(scope, origin, Deed::to("collection.deleted", KIND, id, details));
        if !self.store.delete_collection(scope, id, &entry).await? {
            return Err(missing());
        }
        self.chatbots.forget();
        self.purges.notify_one();
        Ok(())
    }
}
