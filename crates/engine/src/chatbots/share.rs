//! Shares a chatbot with users and roles.

use std::collections::HashSet;

use serde_json::json;
use vpaura_domain::{ChatbotId, Grant, Origin, Permission, Scope};

use super::KIND;
use crate::audit::Deed;
use crate::{Engine, Error, Result, Thing};

const MAX_GRANTS: usize = 200;

impl Engine {
    /// With whom the chatbot is shared.
    pub async fn chatbot_grants(&self, scope: &Scope, id: ChatbotId) -> Result<Vec<Grant>> {
        self.changeable(scope, id).await?;
        let grants = self.store.chatbot_grants(scope, id).await?;
        grants.ok_or(Error::NotFound(Thing::Chatbot))
    }

    /// Shares the chatbot with these and nobody else.
    pub async fn share_chatbot(
        &self,
        scope: &Scope,
        id: ChatbotId,
        grants: Vec<Grant>,
        origin: &Origin,
    ) -> Result<Vec<Grant>> {
        scope.require(Permission::ChatbotsWrite)?;
        if grants.len() > MAX_GRANTS {
            return Err(Error::invalid("items", format!("must be at most {MAX_GRANTS}")));
        }
        let mut seen = HashSet::new();
        if let Some(place) = grants.iter().position(|grant| !seen.insert(grant.grantee)) {
            return Err(Error::invalid(format!("items[{place}].grantee"), "is given twice"));
        }
        let details = json!({ "grants": grants });
        let entry = self.entry(scope, origin, Deed::to("chatbot.shared", KIND, id, details));
        let rows = grants.iter().map(|grant| (self.ids.uuid(), *grant)).collect();
        let now = self.clock.now();
        let shared = self.store.share_chatbot(scope, id, rows, now, &entry).await?;
        self.chatbots.forget();
        if shared { Ok(grants) } else { Err(Error::NotFound(Thing::Chatbot)) }
    }
}
