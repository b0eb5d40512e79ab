//! Renames, archives, re-labels a conversation, or shows another of its branches.

use vpaura_domain::{
    Conversation, ConversationChanges, ConversationId, ConversationStatus, Permission, Scope,
    clean_title,
};

use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// Applies the changes and returns the conversation as it is then.
    pub async fn update_conversation(
        &self,
        scope: &Scope,
        id: ConversationId,
        mut changes: ConversationChanges,
    ) -> Result<Conversation> {
        scope.require(Permission::ChatWrite)?;
        if let Some(Some(title)) = &mut changes.title {
            *title = clean_title(title).map_err(Error::text("title"))?;
        }
        if changes.status == Some(ConversationStatus::Deleted) {
            return Err(Error::invalid(
                "status",
                "must be active or archived; use DELETE to delete",
            ));
        }
        if changes.head_message_id.is_some() && self.runs.of_conversation(id).is_some() {
            return Err(Error::Conflict("the branch cannot be changed while an answer is written"));
        }
        self.store
            .update_conversation(scope, id, &changes, self.clock.now())
            .await?
            .ok_or(Error::NotFound(Thing::Conversation))
    }
}
