//! Lists collections.

use vpaura_domain::{Collection, Listing, Page, Permission, Scope};

use crate::{Engine, Result};

impl Engine {
    /// The collections that the caller may search, the newest first; with a `query` those whose
    /// names contain it.
    pub async fn list_collections(
        &self,
        scope: &Scope,
        page: &Page,
        query: Option<&str>,
    ) -> Result<Listing<Collection>> {
        scope.require(Permission::CollectionsRead)?;
        Ok(self.store.list_collections(scope, page, query).await?)
    }
}
