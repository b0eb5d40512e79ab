//! The versions of a chatbot, and going back to one.

use vpaura_domain::{Chatbot, ChatbotId, ChatbotVersion, Listing, Origin, Scope};
use vpaura_store::ChatbotChanges;

use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// The chatbot's versions, the newest first, for those who may change it.
    pub async fn list_chatbot_versions(
        &self,
        scope: &Scope,
        id: ChatbotId,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Listing<ChatbotVersion>> {
        self.changeable(scope, id).await?;
        let versions = self.store.list_chatbot_versions(scope, id, limit, cursor).await?;
        versions.ok_or(Error::NotFound(Thing::Chatbot))
    }

    /// Makes a new version of an old one's settings. What they name must still be there.
    pub async fn roll_chatbot_back(
        &self,
        scope: &Scope,
        id: ChatbotId,
        version: u32,
        origin: &Origin,
    ) -> Result<Chatbot> {
        self.changeable(scope, id).await?;
        let old = self.store.chatbot_version(scope, id, version).await?;
        let old = old.ok_or_else(|| Error::invalid("version", "is not one of this chatbot's"))?;
        let kept = &old.settings.collections;
        self.check_settings(scope, &old.settings, kept, "settings").await?;
        let changes = ChatbotChanges {
            settings: Some(old.settings),
            note: Some(format!("Back to version {version}")),
            ..ChatbotChanges::default()
        };
        self.change_chatbot(scope, id, &changes, "chatbot.rolled_back", origin).await
    }
}
