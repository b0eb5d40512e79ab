//! Deletes a prompt of the library.

use serde_json::json;
use vpaura_domain::{Origin, Permission, PromptId, Scope};

use super::KIND;
use crate::audit::Deed;
use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// Deletes the prompt with all its versions. Chatbots that name it are answered for by the
    /// installation's template of that name, if there is one, and fail otherwise.
    pub async fn delete_prompt(&self, scope: &Scope, id: PromptId, origin: &Origin) -> Result<()> {
        scope.require(Permission::PromptsWrite)?;
        let prompt = self.get_prompt(scope, id).await?;
        let details = json!({ "name": prompt.name });
        let entry = self.entry(scope, origin, Deed::to("prompt.deleted", KIND, id, details));
        let deleted = self.store.delete_prompt(scope, id, &entry).await?;
        self.chatbots.forget();
        if deleted { Ok(()) } else { Err(Error::NotFound(Thing::Prompt)) }
    }
}
