//! Works out who answers a message, and how: the chatbot, and what the caller asks for in the place
//! of its settings.

use vpaura_domain::{ChatbotId, ChatbotSettings, Conversation, Scope};
use vpaura_llm::ModelRef;

use super::request::{RunRequest, Snapshot};
use super::start::StartRun;
use crate::{Engine, Error, Result, Thing};

/// Who answers, and how.
pub(super) struct Choice {
    pub(super) chatbot_id: ChatbotId,
    pub(super) model: ModelRef,
    pub(super) request: RunRequest,
}

impl Engine {
    /// Chooses for a message in this conversation, and counts it against the chatbot's rate limit
    /// where it is `counted`.
    pub(super) async fn choose(
        &self,
        scope: &Scope,
        request: &StartRun,
        conversation: &Conversation,
        counted: bool,
    ) -> Result<Choice> {
        let asked = request.chatbot_id;
        let ready = self.chatbot_for(scope, asked, conversation.chatbot_id).await?;
        let chatbot = &ready.chatbot;
        let settings = match &request.preview {
            Some(preview) => self.previewed(scope, preview, chatbot.id).await?,
            None => {
                if let Some(limit) = chatbot.settings.rate_limit.filter(|_| counted) {
                    self.admit_to_chatbot(chatbot.id, limit).await?;
                }
                chatbot.settings.clone()
            }
        };
        let model = self.model_for(request.model.as_ref(), settings.model.as_deref())?;
        let owner = conversation.user_id;
        let request = RunRequest {
            temperature: request.temperature,
            max_tokens: request.max_tokens,
            chatbot: Snapshot { name: chatbot.name.clone(), settings: needed(settings) },
            asked_by: scope.user_id().filter(|user| Some(*user) != owner),
            ..RunRequest::default()
        };
        Ok(Choice { chatbot_id: chatbot.id, model, request })
    }

    /// Settings of the chatbot to be tried without storing them, by whoever might store them.
    async fn previewed(
        &self,
        scope: &Scope,
        preview: &ChatbotSettings,
        id: ChatbotId,
    ) -> Result<ChatbotSettings> {
        let kept = self.changeable(scope, id).await?.settings.collections;
        self.check_settings(scope, preview, &kept, "preview").await?;
        let mut settings = preview.clone();
        self.look_up_prompt(scope, &mut settings).await?;
        Ok(settings)
    }

    fn model_for(&self, asked: Option<&ModelRef>, of_chatbot: Option<&str>) -> Result<ModelRef> {
        let model = match (asked, of_chatbot) {
            (Some(asked), _) => asked.clone(),
            (None, Some(name)) => name.parse().map_err(|_| Error::NotFound(Thing::Model))?,
            (None, None) => return Ok(self.models.default_model()),
        };
        match self.models.info(&model) {
            Some(_) => Ok(model),
            None => Err(Error::NotFound(Thing::Model)),
        }
    }
}

/// What of the settings a run is executed by. The model is kept with the run itself.
fn needed(settings: ChatbotSettings) -> ChatbotSettings {
    ChatbotSettings { model: None, rate_limit: None, greeting: None, ..settings }
}
