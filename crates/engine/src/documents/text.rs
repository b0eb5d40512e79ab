//! Reads what a document says, or shows one of its pages.

use vpaura_domain::{CollectionId, Document, DocumentId, Scope};
use vpaura_knowledge::extract::Extracted;

use super::content::stored;
use crate::files::ReadFor;
use crate::{Engine, Result};

impl Engine {
    /// The document and its whole text, as the spans of chunks and citations count it.
    pub async fn document_text(
        &self,
        scope: &Scope,
        collection: CollectionId,
        id: DocumentId,
    ) -> Result<(Document, Extracted)> {
        let document = self.visible_document(scope, collection, id).await?;
        let (sha256, media_type) = stored(&document)?;
        let extracted = self.extracted(ReadFor::Caller(scope), sha256, media_type).await?;
        Ok((document, extracted))
    }

    /// The page with this number (from 1) as a PNG image.
    ///
    /// # Errors
    /// [`Thing::Page`](crate::Thing::Page) is missing where the document has no such page, or none
    /// that can be shown.
    pub async fn document_page(
        &self,
        scope: &Scope,
        collection: CollectionId,
        id: DocumentId,
        page: u32,
    ) -> Result<Vec<u8>> {
        let document = self.visible_document(scope, collection, id).await?;
        let (sha256, media_type) = stored(&document)?;
        self.page_image(scope, sha256, media_type, document.pages, page).await
    }
}
