//! Deletes a chatbot.

use serde_json::json;
use vpaura_domain::{ChatbotId, Origin, Permission, Scope};

use super::KIND;
use crate::audit::Deed;
use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// Deletes the chatbot with all its versions. Conversations with it stay and go on with the
    /// workspace's default one, which cannot be deleted.
    pub async fn delete_chatbot(
        &self,
        scope: &Scope,
        id: ChatbotId,
        origin: &Origin,
    ) -> Result<()> {
        scope.require(Permission::ChatbotsWrite)?;
        let chatbot = self.visible_chatbot(scope, id).await?;
        let details = json!({ "name": chatbot.name });
        let entry = self.entry(scope, origin, Deed::to("chatbot.deleted", KIND, id, details));
        let deleted = self.store.delete_chatbot(scope, id, &entry).await?;
        self.chatbots.forget();
        self.budgets.forget(scope.workspace_id);
        if deleted { Ok(()) } else { Err(Error::NotFound(Thing::Chatbot)) }
    }
}
