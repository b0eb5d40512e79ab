//! Deletes a conversation: softly (rows kept, listed nowhere) or for good.

use vpaura_domain::{ConversationId, Permission, Scope};

use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// Deletes the conversation and stops its run. `hard` removes messages, runs and the files
    /// that nothing else refers to, also of one that was deleted softly before.
    pub async fn delete_conversation(
        &self,
        scope: &Scope,
        id: ConversationId,
        hard: bool,
    ) -> Result<()> {
        scope.require(Permission::ChatWrite)?;
        // Finds none where the conversation is not visible, or deleted: then nothing runs in it.
        self.stop_runs_of_conversation(scope, id).await?;
        if hard {
            let purged = self.store.purge_conversation(scope, id).await?;
            let purged = purged.ok_or(Error::NotFound(Thing::Conversation))?;
            self.files.remove_all(&purged.file_hashes).await;
            return Ok(());
        }
        if self.store.delete_conversation(scope, id, self.clock.now()).await? {
            Ok(())
        } else {
            Err(Error::NotFound(Thing::Conversation))
        }
    }
}
