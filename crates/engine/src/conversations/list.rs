//! Lists and searches conversations.

use vpaura_domain::{Conversation, ConversationFilter, Listing, Page, Permission, Scope};

use crate::{Engine, Error, Result};

const MAX_QUERY_CHARS: usize = 200;

impl Engine {
    /// A page of the caller's conversations, the last active first.
    pub async fn list_conversations(
        &self,
        scope: &Scope,
        mut filter: ConversationFilter,
        page: &Page,
    ) -> Result<Listing<Conversation>> {
        scope.require(Permission::ChatRead)?;
        filter.query = match filter.query {
            Some(query) if query.chars().count() > MAX_QUERY_CHARS => {
                let reason = format!("must be at most {MAX_QUERY_CHARS} characters");
                return Err(Error::invalid("q", reason));
            }
            query => query.map(|q| q.trim().to_owned()).filter(|q| !q.is_empty()),
        };
        Ok(self.store.list_conversations(scope, &filter, page).await?)
    }
}
