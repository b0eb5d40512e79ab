//! Changes what is said about a document.

use vpaura_domain::{CollectionId, Document, DocumentId, Metadata, Scope};
use vpaura_store::DocumentChanges;

use super::{check, missing};
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
    ) -> Result<Document> {
        self.changeable_collection(scope, collection).await?;
        let changes = DocumentChanges {
            name: update.name.as_deref().map(check::name).transpose()?,
            metadata: update.metadata,
            enabled: update.enabled,
        };
        let changed = self.store.update_document(scope, collection, id, &changes).await?;
        changed.ok_or_else(missing)
    }
}
