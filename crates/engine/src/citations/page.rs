//! A page that a citation comes from, as an image.

use vpaura_domain::{MessageId, Scope};

use crate::{Engine, Result};

impl Engine {
    /// The page with this number, from 1, as PNG.
    ///
    /// # Errors
    /// [`Thing::Page`](crate::Thing::Page) is missing where the document has no such page, or none
    /// that can be drawn.
    pub async fn cited_page(
        &self,
        scope: &Scope,
        message_id: MessageId,
        index: u32,
        page: u32,
    ) -> Result<Vec<u8>> {
        let cited = self.cited(scope, message_id, index).await?;
        let extracted = self.extracted(&cited.sha256, &cited.media_type).await?;
        let pages = u32::try_from(extracted.pages.len()).unwrap_or(u32::MAX);
        self.page_image(&cited.sha256, &cited.media_type, Some(pages), page).await
    }
}
