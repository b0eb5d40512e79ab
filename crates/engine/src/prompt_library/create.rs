//! Adds a prompt to the library.

use serde_json::json;
use vpaura_domain::{Origin, Permission, Prompt, PromptId, Scope};

use super::{KIND, check_name};
use crate::audit::Deed;
use crate::chatbots::check;
use crate::idempotency::Idempotency;
use crate::{Engine, Result};

/// What a new prompt is made of.
#[derive(Debug, Clone)]
pub struct NewPrompt {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The template.
    pub text: String,
}

impl Engine {
    /// Adds a prompt to the workspace's library.
    pub async fn create_prompt(
        &self,
        scope: &Scope,
        new: NewPrompt,
        idempotency: Option<Idempotency>,
        origin: &Origin,
    ) -> Result<Prompt> {
        scope.require(Permission::PromptsWrite)?;
        check_name(&new.name)?;
        check::template("text", &new.text)?;
        let now = self.clock.now();
        let prompt = Prompt {
            id: PromptId::generate(&*self.ids),
            name: new.name,
            description: check::description(new.description)?,
            version: 1,
            text: new.text,
            created_at: now,
            updated_at: now,
        };
        let details = json!({ "name": prompt.name });
        let entry = self.entry(scope, origin, Deed::to("prompt.created", KIND, prompt.id, details));
        let key = idempotency.map(Into::into);
        let created = self.store.create_prompt(scope, &prompt, key.as_ref(), &entry).await?;
        self.chatbots.forget();
        Ok(created.into_inner())
    }
}
