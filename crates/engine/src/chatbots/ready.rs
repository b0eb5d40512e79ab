//! The chatbot that answers a message, with all that its settings name looked up. Kept in memory
//! for a few seconds, so that a turn asks the database for nothing more.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use vpaura_domain::{
    Chatbot, ChatbotId, ChatbotSettings, Permission, Scope, SystemPrompt, Visibility, WorkspaceId,
};

use crate::{Engine, Error, Result, Thing};

/// How long a change on another server takes to be seen here at most.
const BELIEF: Duration = Duration::from_secs(5);
const KEPT: u64 = 10_000;

/// A chatbot whose prompt, if it comes from the library, is its text.
#[derive(Debug, Clone)]
pub(crate) struct Ready {
    pub(crate) chatbot: Chatbot,
}

/// The chatbots that were asked lately, by their ids; the default one of a workspace by none.
#[derive(Debug)]
pub(crate) struct KnownChatbots(Cache<(WorkspaceId, Option<ChatbotId>), Arc<Ready>>);

impl KnownChatbots {
    pub(crate) fn new() -> Self {
        Self(Cache::builder().max_capacity(KEPT).time_to_live(BELIEF).build())
    }

    /// Forgets them all: chatbots and prompts are changed rarely, and it costs a query each.
    pub(crate) fn forget(&self) {
        self.0.invalidate_all();
    }
}

impl Engine {
    /// The chatbot that the caller asked for; else that of the conversation, while it is there and
    /// visible; else the workspace's default one.
    ///
    /// # Errors
    /// [`Thing::Chatbot`] is missing when the caller does not see the one they named, or not even
    /// the default one.
    pub(crate) async fn chatbot_for(
        &self,
        scope: &Scope,
        asked: Option<ChatbotId>,
        of_conversation: Option<ChatbotId>,
    ) -> Result<Arc<Ready>> {
        let missing = || Error::NotFound(Thing::Chatbot);
        if let Some(id) = asked {
            return self.ready_chatbot(scope, Some(id)).await?.ok_or_else(missing);
        }
        if let Some(id) = of_conversation
            && let Some(ready) = self.ready_chatbot(scope, Some(id)).await?
        {
            return Ok(ready);
        }
        self.ready_chatbot(scope, None).await?.ok_or_else(missing)
    }

    /// The chatbot with this id, or the default one, if the scope may use it.
    async fn ready_chatbot(
        &self,
        scope: &Scope,
        id: Option<ChatbotId>,
    ) -> Result<Option<Arc<Ready>>> {
        let key = (scope.workspace_id, id);
        let ready = match self.chatbots.0.get(&key) {
            Some(ready) => ready,
            None => {
                let Some(ready) = self.load(scope.workspace_id, id).await? else { return Ok(None) };
                let ready = Arc::new(ready);
                self.chatbots.0.insert(key, Arc::clone(&ready));
                ready
            }
        };
        let for_all = ready.chatbot.visibility == Visibility::Workspace
            || scope.permissions.has(Permission::ChatbotsWrite);
        if for_all && scope.limited_key().is_none() {
            return Ok(Some(ready));
        }
        let visible = self.store.get_chatbot(scope, ready.chatbot.id).await?;
        Ok(visible.map(|_| ready))
    }

    async fn load(&self, workspace: WorkspaceId, id: Option<ChatbotId>) -> Result<Option<Ready>> {
        let scope = Scope::system(workspace);
        let found = match id {
            Some(id) => self.store.get_chatbot(&scope, id).await?,
            None => self.store.default_chatbot(&scope).await?,
        };
        let Some(mut chatbot) = found else { return Ok(None) };
        self.look_up_prompt(&scope, &mut chatbot.settings).await?;
        Ok(Some(Ready { chatbot }))
    }

    /// Puts the newest text of a prompt of the library in the place of its name. The names of the
    /// installation's own templates stay.
    ///
    /// # Errors
    /// [`Error::Conflict`] when there is no prompt of this name any more: a chatbot must not
    /// answer without what it was told.
    pub(crate) async fn look_up_prompt(
        &self,
        scope: &Scope,
        settings: &mut ChatbotSettings,
    ) -> Result<()> {
        let Some(SystemPrompt::Named(name)) = &settings.system_prompt else { return Ok(()) };
        match self.store.prompt_named(scope, name).await? {
            Some(prompt) => settings.system_prompt = Some(SystemPrompt::Text(prompt.text)),
            None if self.prompts.names().contains(name) => {}
            None => return Err(Error::Conflict("the chatbot's prompt does not exist any more")),
        }
        Ok(())
    }
}
