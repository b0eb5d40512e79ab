//! Changes a chatbot.

use serde_json::json;
use vpaura_domain::{Chatbot, ChatbotId, ChatbotSettings, Origin, Permission, Scope, Visibility};
use vpaura_store::ChatbotChanges;

use super::{KIND, check};
use crate::audit::Deed;
use crate::{Engine, Error, Result, Thing};

/// What changes of a chatbot; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct ChatbotUpdate {
    /// The new name.
    pub name: Option<String>,
    /// The new description; `Some(None)` removes it.
    pub description: Option<Option<String>>,
    /// Who may use it.
    pub visibility: Option<Visibility>,
    /// Whether it is the workspace's default one. Only another one can take that from it.
    pub is_default: Option<bool>,
    /// What its next version is made of: all of it, not what differs.
    pub settings: Option<ChatbotSettings>,
    /// Why that version is made.
    pub note: Option<String>,
    /// The version that the caller saw; the change is refused when it has another.
    pub expected_version: Option<u32>,
}

impl Engine {
    /// Applies the changes and returns the chatbot as it is then.
    pub async fn update_chatbot(
        &self,
        scope: &Scope,
        id: ChatbotId,
        update: ChatbotUpdate,
        origin: &Origin,
    ) -> Result<Chatbot> {
        let chatbot = self.changeable(scope, id).await?;
        let shares = update.visibility.is_some_and(|it| it != chatbot.visibility);
        if shares || update.is_default.is_some_and(|it| it != chatbot.is_default) {
            // Not for those who may change its settings alone.
            scope.require(Permission::ChatbotsWrite)?;
        }
        if update.is_default == Some(false) && chatbot.is_default {
            return Err(Error::Conflict("make another chatbot the default one instead"));
        }
        if update.note.is_some() && update.settings.is_none() {
            return Err(Error::invalid("note", "goes with settings"));
        }
        if let Some(settings) = &update.settings {
            let kept = &chatbot.settings.collections;
            self.check_settings(scope, settings, kept, "settings").await?;
        }
        let changes = ChatbotChanges {
            name: update.name.as_deref().map(check::name).transpose()?,
            description: update.description.map(check::description).transpose()?,
            visibility: update.visibility,
            make_default: update.is_default == Some(true),
            settings: update.settings,
            note: check::note(update.note)?,
            expected_version: update.expected_version,
        };
        self.change_chatbot(scope, id, &changes, "chatbot.updated", origin).await
    }

    /// Stores changes that have been found good.
    pub(super) async fn change_chatbot(
        &self,
        scope: &Scope,
        id: ChatbotId,
        changes: &ChatbotChanges,
        action: &'static str,
        origin: &Origin,
    ) -> Result<Chatbot> {
        let details = json!({
            "name": changes.name,
            "visibility": changes.visibility,
            "made_default": changes.make_default,
            "new_version": changes.settings.is_some(),
            "note": changes.note,
        });
        let entry = self.entry(scope, origin, Deed::to(action, KIND, id, details));
        let now = self.clock.now();
        let changed = self.store.update_chatbot(scope, id, changes, now, &entry).await?;
        self.chatbots.forget();
        changed.ok_or(Error::NotFound(Thing::Chatbot))
    }
}
