//! Makes a conversation public under a secret link, and private again.

use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use vpaura_domain::{Conversation, ConversationId, MessageId, Scope, Timestamp, WorkspaceId};

use super::{Shared, find};
use crate::entities::conversation;
use crate::entities::share::{Column, Entity, Model};
use crate::error::Result;
use crate::store::Store;
use crate::visible;
use crate::within::Within;

impl Store {
    /// Makes the path that is shown now readable by whoever holds the token with this hash;
    /// whether the conversation is visible to the scope. Earlier links stay.
    pub async fn create_share(
        &self,
        scope: &Scope,
        id: ConversationId,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<bool> {
        self.write(
            scope,
            (*scope, id, token_hash.to_owned(), now),
            |tx, (scope, id, token_hash, now)| {
                Box::pin(async move {
                    let Some(conversation) = find(tx, scope, *id).await? else { return Ok(false) };
                    let row = Model {
                        token_hash: token_hash.clone(),
                        workspace_id: visible::workspace(scope),
                        conversation_id: id.uuid(),
                        leaf_message_id: conversation.head_message_id.map(|head| head.uuid()),
                        created_at: now.millis(),
                    };
                    Entity::insert(row.into_active_model())
                        .on_conflict_do_nothing_on([Column::TokenHash])
                        .exec_without_returning(tx)
                        .await?;
                    Ok(true)
                })
            },
        )
        .await
    }

    /// Makes all its links void; whether the conversation is visible to the scope.
    pub async fn delete_shares(&self, scope: &Scope, id: ConversationId) -> Result<bool> {
        self.write(scope, (*scope, id), |tx, (scope, id)| {
            Box::pin(async move {
                if find(tx, scope, *id).await?.is_none() {
                    return Ok(false);
                }
                Entity::delete_many().filter(Column::ConversationId.eq(id.uuid())).exec(tx).await?;
                Ok(true)
            })
        })
        .await
    }

    /// What the token with this hash opens, unless the conversation has been deleted. The one
    /// read without a scope: the token is the credential.
    pub async fn get_shared(&self, token_hash: &str) -> Result<Option<Shared>> {
        self.read(Within::Installation, |db| async move {
            let share = Entity::find_by_id(token_hash.to_owned()).one(&db).await?;
            let Some(share) = share else { return Ok(None) };
            let workspace_id = WorkspaceId::from_uuid(share.workspace_id);
            let row = conversation::Entity::find_by_id(share.conversation_id)
                .filter(visible::conversations(&Scope::system(workspace_id)))
                .one(&db)
                .await?;
            let Some(row) = row else { return Ok(None) };
            Ok(Some(Shared {
                workspace_id,
                conversation: Conversation::try_from(row)?,
                leaf: share.leaf_message_id.map(MessageId::from_uuid),
                created_at: Timestamp::from_millis(share.created_at),
            }))
        })
        .await
    }
}
