//! Changes what is said about a document.

use serde_json::json;
use vpaura_domain::{CollectionId, Document, DocumentId, Metadata, Origin, Scope};
use vpaura_store::DocumentChanges;

use super::{KIND, check, missing};
use crate::audit::Deed;
use crate::{Engine, Result};

/// What changes of a document; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct DocumentUpdate {
    /// The new name.
    pub name: Option<String>,
    /// All that is noted on it from now on.
    pub metadata: Option<Metadata>,
    /// Whether it is searched.
    pub enabled: Option<bool>,
}

impl Engine {
    /// Applies the changes and returns the document as it is then.
    pub async fn update_document(
        &self,
        scope: &Scope,
        collection: CollectionId,
        id: DocumentId,
        update: DocumentUpdate,
        origin: &Origin,
    ) -> Result<Document> {
        self.may_change_collection(scope, collection).await?;
        let changes = DocumentChanges {
            name: update.name.as_deref().map(check::name).transpose()?,
            metadata: update.metadata,
            enabled: update.enabled,
        };
        let details = json!({
            "collection_id": collection,
            "name": changes.name,
            "metadata": changes.metadata.is_some(),
            "enabled": changes.enabled,
        });
        let entry = self.entry(scope, origin, Deed::to("document.updated", KIND, id, details));
        let changed = self.store.update_document(scope, collection, id, &changes, &entry).await?;
        changed.ok_or_else(missing)
    }
}
