//! Creates a chatbot.

use serde_json::json;
use vpaura_domain::{Chatbot, ChatbotId, ChatbotSettings, Origin, Permission, Scope, Visibility};

use super::{KIND, check};
use crate::audit::Deed;
use crate::idempotency::Idempotency;
use crate::{Engine, Error, Result};

/// What a new chatbot is made of.
#[derive(Debug, Clone, Default)]
pub struct NewChatbot {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Who may use it.
    pub visibility: Visibility,
    /// What its first version is made of.
    pub settings: ChatbotSettings,
}

impl Engine {
    /// Creates a chatbot in the caller's workspace.
    pub async fn create_chatbot(
        &self,
        scope: &Scope,
        new: NewChatbot,
        idempotency: Option<Idempotency>,
        origin: &Origin,
    ) -> Result<Chatbot> {
        scope.require(Permission::ChatbotsWrite)?;
        if scope.limited_key().is_some() {
            return Err(Error::Forbidden("this API key is for its own chatbots alone"));
        }
        self.check_settings(scope, &new.settings, &[], "settings").await?;
        let now = self.clock.now();
        let chatbot = Chatbot {
            id: ChatbotId::generate(&*self.ids),
            name: check::name(&new.name)?,
            description: check::description(new.description)?,
            is_default: false,
            visibility: new.visibility,
            version: 1,
            settings: new.settings,
            created_by: scope.user_id(),
            created_at: now,
            updated_at: now,
        };
        let details = json!({ "name": chatbot.name });
        let entry =
            self.entry(scope, origin, Deed::to("chatbot.created", KIND, chatbot.id, details));
        let key = idempotency.map(Into::into);
        let created = self.store.create_chatbot(scope, &chatbot, key.as_ref(), &entry).await?;
        Ok(created.into_inner())
    }
}
