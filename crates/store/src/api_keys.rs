//! API keys: shown once, stored as a hash.

use sea_orm::{
    ActiveValue, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
};
use uuid::Uuid;
use vpaura_domain::{
    ApiKey, ApiKeyId, AuditEntry, ChatbotId, Listing, Page, Scope, Timestamp, UserId,
};

use crate::codec;
use crate::db::Tx;
use crate::entities::api_key::{ActiveModel, Column, Entity, Model};
use crate::entities::{api_key_chatbot, chatbot};
use crate::error::{Result, StoreError};
use crate::idempotency::{self, Claim, Created, IdempotencyKey};
use crate::keyset::{self, Place};
use crate::revocations::{self, RevocationKind};
use crate::store::Store;
use crate::{audit, budgets, members, visible, workspaces};

/// A new key with what is not shown of it.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// The key.
    pub key: ApiKey,
    /// The SHA-256 of its secret, in hexadecimal.
    pub hash: String,
    /// What the audit log is to say.
    pub entry: AuditEntry,
}

impl Store {
    /// Stores a new key, whose maker is the scope's user.
    ///
    /// # Errors
    /// [`StoreError::OutOfScope`] for another maker, [`StoreError::NotCovered`] when the maker's
    /// role does not allow all that the key would, [`StoreError::ChatbotMissing`].
    pub async fn create_api_key(
        &self,
        scope: &Scope,
        new: NewApiKey,
        key: Option<&IdempotencyKey>,
    ) -> Result<Created<ApiKey>> {
        if scope.user_id() != Some(new.key.user_id) {
            return Err(StoreError::OutOfScope);
        }
        let input = (*scope, new, key.cloned(), self.now());
        self.write(scope, input, |tx, (scope, new, key, now)| {
            Box::pin(async move {
                workspaces::lock(tx, scope.workspace_id).await?;
                let id = new.key.id.uuid();
                if let Claim::Used(used) =
                    idempotency::claim(tx, scope, key.as_ref(), id, *now).await?
                    && used != id
                {
                    let first = find(tx, scope, ApiKeyId::from_uuid(used)).await?;
                    return first.map(Created::Replayed).ok_or(StoreError::ReplayGone);
                }
                if let Some(stored) = find(tx, scope, new.key.id).await? {
                    // Our own insert, whose commit was confirmed to nobody.
                    return Ok(Created::New(stored));
                }
                insert(tx, scope, new).await?;
                audit::insert(tx, &new.entry).await?;
                Ok(Created::New(new.key.clone()))
            })
        })
        .await
    }

    /// A page of the workspace's keys, the newest first: of one maker, or everybody's.
    pub async fn list_api_keys(
        &self,
        scope: &Scope,
        maker: Option<UserId>,
        page: &Page,
    ) -> Result<Listing<ApiKey>> {
        let mut select = Entity::find().filter(Column::WorkspaceId.eq(visible::workspace(scope)));
        if let Some(maker) = maker {
            select = select.filter(Column::UserId.eq(maker.uuid()));
        }
        self.read(scope, |db| {
            let select = select.clone();
            async move {
                let order = (Column::CreatedAt, Column::Id);
                let place = |row: &Model| Place { at: row.created_at, id: row.id };
                let mut page =
                    keyset::page::<_, Entity, _, ApiKey>(&db, select, order, page, place).await?;
                add_chatbots(&db, &mut page.items).await?;
                Ok(page)
            }
        })
        .await
    }

    /// Revokes a key, of one maker or of anybody, with its budgets; whether there was one.
    pub async fn delete_api_key(
        &self,
        scope: &Scope,
        id: ApiKeyId,
        maker: Option<UserId>,
        entry: &AuditEntry,
        now: Timestamp,
    ) -> Result<bool> {
        let input = (*scope, id, maker, entry.clone(), now);
        self.write(scope, input, |tx, (scope, id, maker, entry, now)| {
            Box::pin(async move {
                let which = Condition::all()
                    .add(Column::Id.eq(id.uuid()))
                    .add(Column::WorkspaceId.eq(visible::workspace(scope)))
                    .add_option(maker.map(|maker| Column::UserId.eq(maker.uuid())));
                if delete(tx, which).await? == 0 {
                    return Ok(false);
                }
                revocations::insert(tx, RevocationKind::ApiKey, id.uuid(), *now).await?;
                audit::insert(tx, entry).await?;
                Ok(true)
            })
        })
        .await
    }
}

/// Deletes the keys that meet the condition, with their budgets; how many.
pub(crate) async fn delete(tx: &Tx, which: Condition) -> Result<u64> {
    budgets::forget_keys(tx, which.clone()).await?;
    Ok(Entity::delete_many().filter(which).exec(tx).await?.rows_affected)
}

async fn insert(tx: &Tx, scope: &Scope, NewApiKey { key, hash, .. }: &NewApiKey) -> Result<()> {
    let maker = members::role_of(tx, scope.workspace_id, key.user_id).await?;
    let maker = maker.ok_or(StoreError::NotCovered)?;
    let allowed = members::permissions_of(tx, scope.workspace_id, maker).await?;
    if !scope.permissions.and(allowed).covers(key.permissions) {
        return Err(StoreError::NotCovered);
    }
    let row = ActiveModel {
        id: ActiveValue::Set(key.id.uuid()),
        workspace_id: ActiveValue::Set(visible::workspace(scope)),
        user_id: ActiveValue::Set(key.user_id.uuid()),
        name: ActiveValue::Set(key.name.clone()),
        prefix: ActiveValue::Set(key.prefix.clone()),
        key_hash: ActiveValue::Set(hash.clone()),
        permissions: ActiveValue::Set(codec::to_text(&key.permissions, "api_keys.permissions")?),
        limited: ActiveValue::Set(key.chatbot_ids.is_some()),
        created_at: ActiveValue::Set(key.created_at.millis()),
        expires_at: ActiveValue::Set(key.expires_at.map(Timestamp::millis)),
        last_used_at: ActiveValue::Set(None),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    let Some(chatbots) = &key.chatbot_ids else { return Ok(()) };
    let known = chatbot::Entity::find()
        .filter(visible::chatbots(scope))
        .filter(chatbot::Column::Id.is_in(chatbots.iter().map(|id| id.uuid())))
        .count(tx)
        .await?;
    if known != chatbots.len() as u64 {
        return Err(StoreError::ChatbotMissing);
    }
    let rows = chatbots.iter().map(|id| api_key_chatbot::ActiveModel {
        api_key_id: ActiveValue::Set(key.id.uuid()),
        chatbot_id: ActiveValue::Set(id.uuid()),
        workspace_id: ActiveValue::Set(visible::workspace(scope)),
    });
    api_key_chatbot::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

async fn find<C: ConnectionTrait>(db: &C, scope: &Scope, id: ApiKeyId) -> Result<Option<ApiKey>> {
    let row = Entity::find_by_id(id.uuid())
        .filter(Column::WorkspaceId.eq(visible::workspace(scope)))
        .one(db)
        .await?;
    let mut key = row.map(ApiKey::try_from).transpose()?;
    add_chatbots(db, key.as_mut_slice()).await?;
    Ok(key)
}

/// Fills in which chatbots limited keys may use.
async fn add_chatbots<C: ConnectionTrait>(db: &C, keys: &mut [ApiKey]) -> Result<()> {
    let limited: Vec<Uuid> =
        keys.iter().filter(|key| key.chatbot_ids.is_some()).map(|key| key.id.uuid()).collect();
    if limited.is_empty() {
        return Ok(());
    }
    let rows = api_key_chatbot::Entity::find()
        .filter(api_key_chatbot::Column::ApiKeyId.is_in(limited))
        .all(db)
        .await?;
    for row in rows {
        let key = keys.iter_mut().find(|key| key.id.uuid() == row.api_key_id);
        if let Some(chatbots) = key.and_then(|key| key.chatbot_ids.as_mut()) {
            chatbots.push(ChatbotId::from_uuid(row.chatbot_id));
        }
    }
    for key in keys {
        key.chatbot_ids.iter_mut().for_each(|chatbots| chatbots.sort_unstable());
    }
    Ok(())
}

impl TryFrom<Model> for ApiKey {
    type Error = StoreError;

    /// Without the chatbots of a limited key.
    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            id: ApiKeyId::from_uuid(row.id),
            name: row.name,
            prefix: row.prefix,
            user_id: UserId::from_uuid(row.user_id),
            permissions: codec::from_text(&row.permissions, "api_keys.permissions")?,
            chatbot_ids: row.limited.then(Vec::new),
            created_at: Timestamp::from_millis(row.created_at),
            expires_at: row.expires_at.map(Timestamp::from_millis),
            last_used_at: row.last_used_at.map(Timestamp::from_millis),
        })
    }
}
