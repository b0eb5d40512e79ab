//! Changes a prompt of the library.

use serde_json::json;
use vpaura_domain::{Origin, Permission, Prompt, PromptId, Scope};
use vpaura_store::PromptChanges;

use super::{KIND, check_name};
use crate::audit::Deed;
use crate::chatbots::check;
use crate::{Engine, Error, Result, Thing};

/// What changes of a prompt; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct PromptUpdate {
    /// The new name. Chatbots name prompts, so those that use it must be changed too.
    pub name: Option<String>,
    /// The new description; `Some(None)` removes it.
    pub description: Option<Option<String>>,
    /// The new template; another text than before makes a new version.
    pub text: Option<String>,
}

impl Engine {
    /// Applies the changes and returns the prompt as it is then.
    pub async fn update_prompt(
        &self,
        scope: &Scope,
        id: PromptId,
        update: PromptUpdate,
        origin: &Origin,
    ) -> Result<Prompt> {
        scope.require(Permission::PromptsWrite)?;
        update.name.as_deref().map(check_name).transpose()?;
        update.text.as_deref().map(|text| check::template("text", text)).transpose()?;
        let changes = PromptChanges {
            name: update.name,
            description: update.description.map(check::description).transpose()?,
            text: update.text,
        };
        self.change_prompt(scope, id, &changes, "prompt.updated", origin).await
    }

    /// Stores changes that have been found good.
    pub(super) async fn change_prompt(
        &self,
        scope: &Scope,
        id: PromptId,
        changes: &PromptChanges,
        action: &'static str,
        origin: &Origin,
    ) -> Result<Prompt> {
        let details = json!({ "name": changes.name, "text_given": changes.text.is_some() });
        let entry = self.entry(scope, origin, Deed::to(action, KIND, id, details));
        let now = self.clock.now();
        let changed = self.store.update_prompt(scope, id, changes, now, &entry).await?;
        self.chatbots.forget();
        changed.ok_or(Error::NotFound(Thing::Prompt))
    }
}
