//! Has all documents of a collection read, cut and indexed again.

use serde_json::json;
use vpaura_domain::{Collection, CollectionId, Origin, Scope};

use super::{KIND, missing};
use crate::audit::Deed;
use crate::{Engine, Result};

impl Engine {
    /// Puts all documents back among those that wait, to be cut as the collection says now. Until
    /// each is done its old chunks are found. The collection, as it is then.
    pub async fn reindex_collection(
        &self,
        scope: &Scope,
        id: CollectionId,
        origin: &Origin,
    ) -> Result<Collection> {
        self.may_change_collection(scope, id).await?;
        let collection = self.get_collection(scope, id).await?;
        let details = json!({
            "chunking": collection.chunking,
            "documents": collection.counts.documents_total,
        });
        let entry = self.entry(scope, origin, Deed::to("collection.reindexed", KIND, id, details));
        let mut last = self.store.reindex_documents(scope, id, None, Some(&entry)).await?;
        while last.is_some() {
            self.ingestions.notify_one();
            last = self.store.reindex_documents(scope, id, last, None).await?;
        }
        self.store.get_collection(scope, id).await?.ok_or_else(missing)
    }
}
