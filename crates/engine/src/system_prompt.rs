//! The system prompts of a chat: who the user is, and who the chatbot is.

use std::sync::Arc;

use vpaura_domain::{Owner, Profile, Run, SystemPrompt, UserId};

use crate::prompts::template;
use crate::{Engine, Error, Result};

/// The template of a chatbot that brings none of its own.
const DEFAULT: &str = "chat";
/// The template around a profile.
const PROFILE: &str = "profile";

impl Engine {
    /// The chatbot's own prompt, filled in; that of the installation when it has none. A name is
    /// one of the installation's templates: those of the library are texts by now.
    pub(crate) fn system_prompt(
        &self,
        prompt: Option<&SystemPrompt>,
        chatbot: &str,
    ) -> Result<String> {
        let now = self.clock.now().to_string();
        // RFC 3339: the date is what comes before the T. The day alone, so that the prompt, and
        // with it the provider's prompt cache, changes once a day.
        let date = now.split_once('T').map_or(now.as_str(), |(date, _)| date);
        let values = [("chatbot", chatbot), ("date", date)];
        match prompt {
            None => Ok(self.prompts.render_with(DEFAULT, &values)?),
            Some(SystemPrompt::Named(name)) => Ok(self.prompts.render_with(name, &values)?),
            Some(SystemPrompt::Text(text)) => template::fill(text, &values)
                .map_err(|error| Error::Internal(format!("a stored system prompt {error}"))),
        }
    }

    /// What the model is told first: the profile of the user whose conversation it is, if it says
    /// anything. A machine that acts with a user's key speaks with others than the user.
    pub(crate) async fn profile_prompt(&self, run: &Run) -> Result<Option<Arc<str>>> {
        let (Some(Owner::User(user)), None) = (run.owner(), run.api_key_id) else {
            return Ok(None);
        };
        if let Some(known) = self.profiles.get(&user) {
            return Ok(known);
        }
        let profile = self.store.get_profile(user).await?;
        let prompt = self.about_user(&profile)?;
        self.profiles.insert(user, prompt.clone());
        Ok(prompt)
    }

    fn about_user(&self, profile: &Profile) -> Result<Option<Arc<str>>> {
        if profile.is_empty() {
            return Ok(None);
        }
        let json = serde_json::to_string(profile)
            .map_err(|error| Error::Internal(format!("profile: {error}")))?;
        Ok(Some(self.prompts.render(PROFILE, &[("profile", &json)])?.into()))
    }

    /// Forgets what models are told of the user: their profile has changed.
    pub(crate) fn forget_profile(&self, user: UserId) {
        self.profiles.invalidate(&user);
    }
}
