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
        // To read the file for this might take a while, and whoever draws the page counts them too.
        let kept = self.kept_text(&cited.sha256, &cited.media_type).await?;
        let pages = kept.map(|text| u32::try_from(text.pages.len()).unwrap_or(u32::MAX));
        self.page_image(scope, &cited.sha256, &cited.media_type, pages, page).await
    }
}
