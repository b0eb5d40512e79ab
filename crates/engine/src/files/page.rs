//! Shows a page of a content as it would be printed.

use crate::{Engine, Error, Result, Thing};

/// The type whose pages can be shown.
const PDF: &str = "application/pdf";
/// How wide a page's image is, in pixels.
const WIDTH: u32 = 1_200;

impl Engine {
    /// The page with this number (from 1) as a PNG image; `pages` is how many there are, once
    /// known.
    ///
    /// # Errors
    /// [`Thing::Page`] is missing where there is no such page, or none that can be shown.
    pub(crate) async fn page_image(
        &self,
        sha256: &str,
        media_type: &str,
        pages: Option<u32>,
        page: u32,
    ) -> Result<Vec<u8>> {
        if media_type != PDF || page == 0 || pages.is_some_and(|pages| page > pages) {
            return Err(Error::NotFound(Thing::Page));
        }
        let file = self.files.file(sha256).await?;
        Ok(self.extractor.page_image(file, page, WIDTH).await?)
    }
}
