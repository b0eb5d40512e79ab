//! Shows a page of a content as it would be printed.

use vpaura_domain::Scope;
use vpaura_knowledge::extract::ExtractError;

use super::ReadFor;
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
    /// [`Thing::Page`] is missing where there is no such page, or none that can be shown;
    /// [`Error::Busy`] when too many pages are drawn for others.
    pub(crate) async fn page_image(
        &self,
        scope: &Scope,
        sha256: &str,
        media_type: &str,
        pages: Option<u32>,
        page: u32,
    ) -> Result<Vec<u8>> {
        if media_type != PDF || page == 0 || pages.is_some_and(|pages| page > pages) {
            return Err(Error::NotFound(Thing::Page));
        }
        let asker = self.asker(ReadFor::Caller(scope)).await?;
        let file = self.files.file(sha256).await?;
        self.extractor.page_image(&asker, file, page, WIDTH).await.map_err(|error| match error {
            ExtractError::Unsupported(_) => Error::NotFound(Thing::Page),
            error => error.into(),
        })
    }
}
