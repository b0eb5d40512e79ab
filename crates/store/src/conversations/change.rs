//! Changes a conversation: title, status, metadata, and which branch is shown.

use sea_orm::{ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};
use uuid::Uuid;
use vpaura_domain::{
    Conversation, ConversationChanges, ConversationId, MessageId, Scope, Timestamp,
};

use super::find;
use crate::codec::Word;
use crate::db::Tx;
use crate::entities::conversation::{ActiveModel, Column, Entity};
use crate::error::{Result, StoreError};
use crate::search;
use crate::store::Store;
use crate::visible;
use crate::writes::Writes;

impl Store {
    /// Applies the changes; `None` when the conversation is not visible. A `head_message_id` may
    /// be any of its messages ([`StoreError::MessageMissing`] otherwise): shown is the branch
    /// that ends in the newest leaf below it.
    pub async fn update_conversation(
        &self,
        scope: &Scope,
        id: ConversationId,
        changes: &ConversationChanges,
        now: Timestamp,
    ) -> Result<Option<Conversation>> {
        self.write(scope, (*scope, id, changes.clone(), now), |tx, (scope, id, changes, now)| {
            Box::pin(update(tx, scope, *id, changes, *now))
        })
        .await
    }

    /// Gives the conversation a title where it has none; whether it did.
    pub async fn set_title_if_none(
        &self,
        scope: &Scope,
        id: ConversationId,
        title: &str,
    ) -> Result<bool> {
        self.write(scope, (*scope, id, title.to_owned()), |tx, (scope, id, title)| {
            Box::pin(async move {
                let row = ActiveModel {
                    title: ActiveValue::Set(Some(title.clone())),
                    ..ActiveModel::default()
                };
                let set = Entity::update_many()
                    .set(row)
                    .filter(Column::Id.eq(id.uuid()))
                    .filter(Column::Title.is_null())
                    .filter(visible::conversations(scope))
                    .exec(tx)
                    .await?;
                if set.rows_affected == 0 {
                    return Ok(false);
                }
                let mut writes = Writes::on(tx);
                let workspace = visible::workspace(scope);
                search::replace_title(&mut writes, workspace, id.uuid(), Some(title)).await?;
                writes.send().await?;
                Ok(true)
            })
        })
        .await
    }
}

async fn update(
    tx: &Tx,
    scope: &Scope,
    id: ConversationId,
    changes: &ConversationChanges,
    now: Timestamp,
) -> Result<Option<Conversation>> {
    let head = match changes.head_message_id {
        Some(message) => Some(newest_leaf(tx, id, message).await?),
        None => None,
    };
    let row = ActiveModel {
        title: changes.title.clone().map_or(ActiveValue::NotSet, ActiveValue::Set),
        status: changes
            .status
            .map_or(ActiveValue::NotSet, |status| ActiveValue::Set(status.word().to_owned())),
        metadata: changes
            .metadata
            .clone()
            .map_or(ActiveValue::NotSet, |metadata| ActiveValue::Set(metadata.into_value())),
        head_message_id: head.map_or(ActiveValue::NotSet, ActiveValue::Set),
        updated_at: ActiveValue::Set(now.millis()),
        ..ActiveModel::default()
    };
    let updated = Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(id.uuid()))
        .filter(visible::conversations(scope))
        .exec(tx)
        .await?;
    if updated.rows_affected == 0 {
        return Ok(None);
    }
    if head == Some(None) {
        return Err(StoreError::MessageMissing);
    }
    if let Some(title) = &changes.title {
        let mut writes = Writes::on(tx);
        let workspace = visible::workspace(scope);
        search::replace_title(&mut writes, workspace, id.uuid(), title.as_deref()).await?;
        writes.send().await?;
    }
    find(tx, scope, id).await
}

/// The newest message below `message` (or itself) that nothing follows; none when the message
/// is not of this conversation.
async fn newest_leaf(
    tx: &Tx,
    conversation: ConversationId,
    message: MessageId,
) -> Result<Option<Uuid>> {
    let query = Statement::from_sql_and_values(
        tx.get_database_backend(),
        "WITH RECURSIVE below (id) AS (
             SELECT id FROM messages WHERE id = $1 AND conversation_id = $2
             UNION ALL
             SELECT child.id FROM below JOIN messages child ON child.parent_id = below.id
         )
         SELECT id FROM below
         WHERE NOT EXISTS (SELECT 1 FROM messages child WHERE child.parent_id = below.id)
         ORDER BY id DESC LIMIT 1",
        [message.uuid().into(), conversation.uuid().into()],
    );
    let row = tx.query_one_raw(query).await?;
    Ok(row.map(|row| row.try_get("", "id")).transpose()?)
}
