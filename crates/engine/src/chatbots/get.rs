//! Reads one chatbot.

use vpaura_domain::{Chatbot, ChatbotId, Permission, Scope};

use super::shown_to_users;
use crate::{Engine, Result};

impl Engine {
    /// The chatbot. Its system prompt is shown to those alone who may change it.
    pub async fn get_chatbot(&self, scope: &Scope, id: ChatbotId) -> Result<Chatbot> {
        scope.require(Permission::ChatbotsRead)?;
        let chatbot = self.visible_chatbot(scope, id).await?;
        let may_change = self.may_change(scope, id).await?;
        Ok(if may_change { chatbot } else { shown_to_users(chatbot) })
    }
}
