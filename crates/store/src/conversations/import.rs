//! Stores a whole conversation at once.

use std::collections::HashSet;

use vpaura_domain::{Conversation, ConversationId, Message, Scope};

use super::{find, insert};
use crate::error::{Result, StoreError};
use crate::idempotency::{self, Claim, Created, IdempotencyKey};
use crate::messages::{self, Attachments};
use crate::store::Store;
use crate::writes::Writes;

impl Store {
    /// Stores a conversation with its messages, parents before children. Its head is kept when
    /// it is one of the messages, else the last message becomes it; its message count is set.
    /// Attached files that are not visible are left out of the index of attachments.
    pub async fn import_conversation(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        messages: &[Message],
        key: Option<&IdempotencyKey>,
    ) -> Result<Created<Conversation>> {
        let conversation = complete(conversation, messages)?;
        let input = (*scope, conversation.clone(), messages.to_vec(), key.cloned(), self.now());
        let created = self
            .write(scope, input, |tx, (scope, conversation, messages, key, now)| {
                Box::pin(async move {
                    let id = conversation.id.uuid();
                    let claim = idempotency::claim(tx, scope, key.as_ref(), id, *now).await?;
                    if let Claim::Used(used) = claim
                        && used != id
                    {
                        let first = find(tx, scope, ConversationId::from_uuid(used)).await?;
                        return first.map(Created::Replayed).ok_or(StoreError::ReplayGone);
                    }
                    let mut writes = Writes::on(tx);
                    insert(&mut writes, scope, conversation).await?;
                    messages::insert(&mut writes, scope, messages, Attachments::IfVisible).await?;
                    writes.send().await?;
                    Ok(Created::New(conversation.clone()))
                })
            })
            .await;
        self.own_repeat(scope, &conversation, created).await
    }
}

/// Checks the tree and fills in what follows from it.
fn complete(conversation: &Conversation, messages: &[Message]) -> Result<Conversation> {
    let mut known = HashSet::with_capacity(messages.len());
    for message in messages {
        let rooted = message.parent_id.is_none_or(|parent| known.contains(&parent));
        if !rooted || message.conversation_id != conversation.id {
            return Err(StoreError::ParentMissing);
        }
        if !known.insert(message.id) {
            return Err(StoreError::Duplicate);
        }
    }
    let mut conversation = conversation.clone();
    conversation.head_message_id = conversation
        .head_message_id
        .filter(|head| known.contains(head))
        .or_else(|| messages.last().map(|message| message.id));
    conversation.message_count = messages.len() as u64;
    Ok(conversation)
}
