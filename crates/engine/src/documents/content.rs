//! Reads a document's content as it was handed over.

use vpaura_domain::{CollectionId, Document, DocumentId, Scope};

use crate::files::FileContent;
use crate::{Engine, Error, Result};

impl Engine {
    /// The document and its bytes.
    ///
    /// # Errors
    /// [`Error::Conflict`] while a page has not been fetched yet.
    pub async fn document_content(
        &self,
        scope: &Scope,
        collection: CollectionId,
        id: DocumentId,
    ) -> Result<(Document, FileContent)> {
        let document = self.visible_document(scope, collection, id).await?;
        let (sha256, _) = stored(&document)?;
        let content = self.files.content(sha256).await?;
        Ok((document, content))
    }
}

/// The hash and the media type of the document's content.
pub(super) fn stored(document: &Document) -> Result<(&str, &str)> {
    match (&document.sha256, &document.media_type) {
        (Some(sha256), Some(media_type)) => Ok((sha256, media_type)),
        _ => Err(Error::Conflict("the document has not been fetched yet")),
    }
}
