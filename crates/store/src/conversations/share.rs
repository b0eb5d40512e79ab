//! Makes a conversation public under a secret link, and private again.

use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use vpaura_domain::{
    AuditEntry, Conversation, ConversationId, MessageId, Owner, PermissionSet, Scope, Subject,
    Timestamp, WorkspaceId,
};

use super::{Shared, find};
use crate::audit;
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
        entry: &AuditEntry,
        now: Timestamp,
    ) -> Result<bool> {
        let input = (*scope, id, token_hash.to_owned(), entry.clone(), now);
        self.write(scope, input, |tx, (scope, id, token_hash, entry, now)| {
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
                audit::insert(tx, entry).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Makes all its links void; whether the conversation is visible to the scope. The audit log
    /// is told where there were any.
    pub async fn delete_shares(
        &self,
        scope: &Scope,
        id: ConversationId,
        entry: &AuditEntry,
    ) -> Result<bool> {
        self.write(scope, (*scope, id, entry.clone()), |tx, (scope, id, entry)| {
            Box::pin(async move {
                if find(tx, scope, *id).await?.is_none() {
                    return Ok(false);
                }
                let its = Column::ConversationId.eq(id.uuid());
                if Entity::delete_many().filter(its).exec(tx).await?.rows_affected > 0 {
                    audit::insert(tx, entry).await?;
                }
                Ok(true)
            })
        })
        .await
    }

    /// What the token with this hash opens, unless the conversation has been deleted, or its owner
    /// could not open it any more: a user who is suspended or no member, or anybody when the
    /// workspace is being deleted. The one read without a scope: the token is the credential.
    pub async fn get_shared(&self, token_hash: &str) -> Result<Option<Shared>> {
        let Some(mut shared) = self.find_shared(token_hash).await? else { return Ok(None) };
        let workspace = shared.owner.workspace_id;
        let Some(user) = shared.conversation.user_id else {
            let may_show = self.is_active_workspace(workspace).await?;
            return Ok(may_show.then_some(shared));
        };
        let owner = self.member_principal(user, workspace).await?;
        let Some(permissions) = owner.and_then(|owner| owner.permissions) else { return Ok(None) };
        shared.owner.permissions = permissions;
        Ok(Some(shared))
    }

    async fn find_shared(&self, token_hash: &str) -> Result<Option<Shared>> {
        self.read(Within::Installation, |db| async move {
            let share = Entity::find_by_id(token_hash.to_owned()).one(&db).await?;
            let Some(share) = share else { return Ok(None) };
            let workspace_id = WorkspaceId::from_uuid(share.workspace_id);
            let row = conversation::Entity::find_by_id(share.conversation_id)
                .filter(visible::conversations(&Scope::system(workspace_id)))
                .one(&db)
                .await?;
            let Some(row) = row else { return Ok(None) };
            let conversation = Conversation::try_from(row)?;
            Ok(Some(Shared {
                owner: owner(workspace_id, &conversation),
                conversation,
                leaf: share.leaf_message_id.map(MessageId::from_uuid),
                created_at: Timestamp::from_millis(share.created_at),
            }))
        })
        .await
    }
}

/// Whose conversation it is: a user, for now with no permission, a visitor, or the server itself.
fn owner(workspace_id: WorkspaceId, conversation: &Conversation) -> Scope {
    match conversation.owner() {
        Some(Owner::User(id)) => Scope {
            workspace_id,
            subject: Subject::User { id, session: None },
            permissions: PermissionSet::NONE,
        },
        Some(Owner::Session(id)) => Scope { workspace_id, ..Scope::session(id) },
        None => Scope::system(workspace_id),
    }
}
