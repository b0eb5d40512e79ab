//! Lists chatbots.

use vpaura_domain::{Chatbot, Listing, Page, Permission, Scope};

use super::shown_to_users;
use crate::{Engine, Result};

impl Engine {
    /// The chatbots that the caller may use, the newest first. System prompts are shown to those
    /// alone who may change all chatbots.
    pub async fn list_chatbots(&self, scope: &Scope, page: &Page) -> Result<Listing<Chatbot>> {
        scope.require(Permission::ChatbotsRead)?;
        let mut listing = self.store.list_chatbots(scope, page).await?;
        if !scope.permissions.has(Permission::ChatbotsWrite) {
            listing.items = listing.items.into_iter().map(shown_to_users).collect();
        }
        Ok(listing)
    }
}
