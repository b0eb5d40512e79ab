//! Deletes a conversation: softly (rows kept, listed nowhere) or for good.

use serde_json::json;
use vpaura_domain::{ConversationId, Origin, Permission, Scope};

use super::KIND;
use crate::audit::Deed;
use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// Deletes the conversation and stops its run. `hard` removes messages, runs and the files
    /// that nothing else refers to, also of one that was deleted softly before.
    pub async fn delete_conversation(
        &self,
        scope: &Scope,
        id: ConversationId,
        hard: bool,
        origin: &Origin,
    ) -> Result<()> {
        scope.require(Permission::ChatWrite)?;
        // Finds none where the conversation is not visible, or deleted: then nothing runs in it.
        self.stop_runs_of_conversation(scope, id).await?;
        if hard {
            let deed = Deed::to("conversation.deleted", KIND, id, json!({}));
            let entry = self.entry(scope, origin, deed);
            if !self.store.purge_conversation(scope, id, &entry).await? {
                return Err(Error::NotFound(Thing::Conversation));
            }
            self.released.notify_one();
            return Ok(());
        }
        if self.store.delete_conversation(scope, id, self.clock.now()).await? {
            Ok(())
        } else {
            Err(Error::NotFound(Thing::Conversation))
        }
    }
}
