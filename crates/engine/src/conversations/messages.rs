//! Pages through the messages of one path, from its end towards the beginning.

use vpaura_domain::{ConversationId, FeedbackRating, Message, MessageId, Permission, Scope};

use crate::{Engine, Error, Result, Thing};

/// A message as a client shows it.
#[derive(Debug, Clone)]
pub struct MessageView {
    /// The message.
    pub message: Message,
    /// The alternatives at its place, itself included, oldest first.
    pub siblings: Vec<MessageId>,
    /// The caller's verdict on it.
    pub feedback: Option<FeedbackRating>,
}

/// Some consecutive messages of a path, oldest first.
#[derive(Debug, Clone, Default)]
pub struct MessagePage {
    /// The messages.
    pub items: Vec<MessageView>,
    /// Where the page before (older messages) ends; `None` at the path's beginning.
    pub older: Option<MessageId>,
}

impl Engine {
    /// Up to `limit` messages of the path that ends in `leaf` (the shown path's end when none
    /// is given).
    pub async fn list_messages(
        &self,
        scope: &Scope,
        conversation_id: ConversationId,
        leaf: Option<MessageId>,
        limit: u32,
    ) -> Result<MessagePage> {
        scope.require(Permission::ChatRead)?;
        let conversation = self.find_conversation(scope, conversation_id).await?;
        match leaf.or(conversation.head_message_id) {
            Some(leaf) => self.message_page(scope, conversation_id, leaf, limit).await,
            None => Ok(MessagePage::default()),
        }
    }

    pub(super) async fn message_page(
        &self,
        scope: &Scope,
        conversation_id: ConversationId,
        leaf: MessageId,
        limit: u32,
    ) -> Result<MessagePage> {
        let mut messages =
            self.store.message_path(scope, conversation_id, Some(leaf), limit).await?;
        if messages.is_empty() {
            return Err(Error::NotFound(Thing::Message));
        }
        self.withhold_in_messages(Some(scope), &mut messages).await?;
        let older = messages.first().and_then(|oldest| oldest.parent_id);
        let ids: Vec<MessageId> = messages.iter().map(|message| message.id).collect();
        let mut siblings = self.store.siblings(scope, &ids).await?;
        let feedback = self.store.feedback_of(scope, &ids).await?;
        let items = messages
            .into_iter()
            .map(|message| MessageView {
                siblings: siblings.remove(&message.id).unwrap_or_else(|| vec![message.id]),
                feedback: feedback.get(&message.id).copied(),
                message,
            })
            .collect();
        Ok(MessagePage { items, older })
    }

    /// Every message of the shown path, oldest first, as stored: what it quotes is yet to be
    /// withheld from whoever may not see it.
    pub(super) async fn whole_path(
        &self,
        scope: &Scope,
        conversation_id: ConversationId,
        leaf: Option<MessageId>,
    ) -> Result<Vec<Message>> {
        const BATCH: u32 = 500;
        let mut newest_first = Vec::new();
        let mut leaf = leaf;
        while let Some(end) = leaf {
            let batch = self.store.message_path(scope, conversation_id, Some(end), BATCH).await?;
            leaf = batch.first().and_then(|oldest| oldest.parent_id);
            newest_first.extend(batch.into_iter().rev());
        }
        newest_first.reverse();
        Ok(newest_first)
    }
}
