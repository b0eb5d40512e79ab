//! Creates an empty conversation.

use sea_orm::{EntityTrait, IntoActiveModel, QueryTrait};
use vpaura_domain::{Conversation, ConversationId, Scope};

use super::find;
use crate::codec::{Word, to_i64};
use crate::entities::conversation::{Entity, Model};
use crate::error::{Result, StoreError};
use crate::idempotency::{self, Claim, Created, IdempotencyKey};
use crate::search;
use crate::store::Store;
use crate::visible;
use crate::writes::Writes;

impl Store {
    /// Stores a new conversation. A scope with an owner may only store its own.
    pub async fn create_conversation(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        key: Option<&IdempotencyKey>,
    ) -> Result<Created<Conversation>> {
        let input = (*scope, conversation.clone(), key.cloned(), self.now());
        let created = self
            .write(scope, input, |tx, (scope, conversation, key, now)| {
                Box::pin(async move {
                    let id = conversation.id.uuid();
                    match idempotency::claim(tx, scope, key.as_ref(), id, *now).await? {
                        Claim::Used(used) if used != id => {
                            let first = find(tx, scope, ConversationId::from_uuid(used)).await?;
                            return first.map(Created::Replayed).ok_or(StoreError::ReplayGone);
                        }
                        _ => {
                            let mut writes = Writes::on(tx);
                            insert(&mut writes, scope, conversation).await?;
                            writes.send().await?;
                        }
                    }
                    Ok(Created::New(conversation.clone()))
                })
            })
            .await;
        self.own_repeat(scope, conversation, created).await
    }

    /// Turns a duplicate into a success where it is our own insert, whose commit was confirmed
    /// to nobody.
    pub(super) async fn own_repeat(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        created: Result<Created<Conversation>>,
    ) -> Result<Created<Conversation>> {
        let Err(StoreError::Duplicate) = created else { return created };
        match self.get_conversation(scope, conversation.id).await? {
            Some(stored) if stored == *conversation => Ok(Created::New(stored)),
            _ => Err(StoreError::Duplicate),
        }
    }
}

/// Inserts the row and makes its title findable.
pub(crate) async fn insert(
    writes: &mut Writes<'_>,
    scope: &Scope,
    conversation: &Conversation,
) -> Result<()> {
    if scope.owner().is_some_and(|owner| conversation.owner() != Some(owner)) {
        return Err(StoreError::OutOfScope);
    }
    let row = Model {
        id: conversation.id.uuid(),
        workspace_id: visible::workspace(scope),
        session_id: conversation.session_id.map(|id| id.uuid()),
        user_id: conversation.user_id.map(|id| id.uuid()),
        chatbot_id: conversation.chatbot_id.map(|id| id.uuid()),
        title: conversation.title.clone(),
        status: conversation.status.word().to_owned(),
        metadata: conversation.metadata.clone().into_value(),
        head_message_id: conversation.head_message_id.map(|id| id.uuid()),
        message_count: to_i64(conversation.message_count),
        created_at: conversation.created_at.millis(),
        updated_at: conversation.updated_at.millis(),
    };
    writes.add(&Entity::insert(row.into_active_model()).into_query()).await?;
    if let Some(title) = &conversation.title {
        search::add_title(writes, visible::workspace(scope), conversation.id.uuid(), title).await?;
    }
    Ok(())
}
