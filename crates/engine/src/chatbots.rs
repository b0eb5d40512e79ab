//! Chatbots: a configured model with its prompt, tools and graph. One operation, one file.

pub(crate) mod check;
mod create;
mod delete;
mod get;
mod list;
mod ready;
mod share;
mod update;
mod versions;

pub use create::NewChatbot;
pub use update::ChatbotUpdate;

pub(crate) use ready::KnownChatbots;

use vpaura_domain::{Access, Chatbot, ChatbotId, Permission, Scope};

use crate::{Engine, Error, Result, Thing};

/// What the audit log calls them.
const KIND: &str = "chatbot";

impl Engine {
    /// The chatbot, if the caller may change it: who may change all, or with whom it is shared so.
    pub(crate) async fn changeable(&self, scope: &Scope, id: ChatbotId) -> Result<Chatbot> {
        scope.require(Permission::ChatbotsRead)?;
        let chatbot = self.visible_chatbot(scope, id).await?;
        if self.may_change(scope, id).await? {
            return Ok(chatbot);
        }
        scope.require(Permission::ChatbotsWrite)?;
        Ok(chatbot)
    }

    async fn may_change(&self, scope: &Scope, id: ChatbotId) -> Result<bool> {
        if scope.permissions.has(Permission::ChatbotsWrite) {
            return Ok(true);
        }
        // What is shared with a user is theirs to change, not a key's that lacks the permission.
        let granted = match scope.api_key_id() {
            Some(_) => None,
            None => self.store.chatbot_access(scope, id).await?,
        };
        Ok(granted == Some(Access::Edit))
    }

    async fn visible_chatbot(&self, scope: &Scope, id: ChatbotId) -> Result<Chatbot> {
        self.store.get_chatbot(scope, id).await?.ok_or(Error::NotFound(Thing::Chatbot))
    }
}

/// The chatbot as somebody sees it who may not change it: what it was told stays with its makers.
fn shown_to_users(mut chatbot: Chatbot) -> Chatbot {
    chatbot.settings.system_prompt = None;
    chatbot
}
