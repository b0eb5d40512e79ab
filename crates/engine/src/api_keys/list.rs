//! Lists API keys.

use vpaura_domain::{ApiKey, Listing, Page, Scope};

use super::makers;
use crate::{Engine, Result};

impl Engine {
    /// A page of the caller's keys in the workspace, or of everybody's for who may manage them,
    /// the newest first.
    pub async fn list_api_keys(&self, scope: &Scope, page: &Page) -> Result<Listing<ApiKey>> {
        let makers = makers(scope)?;
        Ok(self.store.list_api_keys(scope, makers, page).await?)
    }
}
