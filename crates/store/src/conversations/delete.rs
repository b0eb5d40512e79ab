//! Deletes a conversation, softly or for good.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, Statement};
use uuid::Uuid;
use vpaura_domain::{AuditEntry, ConversationId, Scope, Timestamp};

use crate::db::Tx;
use crate::entities::conversation::{Column, Entity};
use crate::error::Result;
use crate::store::Store;
use crate::{audit, runs, visible};

impl Store {
    /// Marks the conversation as deleted; whether there was one to delete.
    pub async fn delete_conversation(
        &self,
        scope: &Scope,
        id: ConversationId,
        now: Timestamp,
    ) -> Result<bool> {
        self.write(scope, (*scope, id, now), |tx, (scope, id, now)| {
            Box::pin(async move {
                let deleted = Entity::update_many()
                    .col_expr(Column::Status, Expr::val("deleted"))
                    .col_expr(Column::UpdatedAt, Expr::val(now.millis()))
                    .filter(Column::Id.eq(id.uuid()))
                    .filter(visible::conversations(scope))
                    .exec(tx)
                    .await?;
                Ok(deleted.rows_affected > 0)
            })
        })
        .await
    }

    /// Removes the conversation, everything beneath it, and the files that no other
    /// conversation's messages use. Works on softly deleted ones too; false when there is none.
    pub async fn purge_conversation(
        &self,
        scope: &Scope,
        id: ConversationId,
        entry: &AuditEntry,
    ) -> Result<bool> {
        self.write(scope, (*scope, id, entry.clone()), |tx, (scope, id, entry)| {
            Box::pin(async move {
                let own = Entity::find_by_id(id.uuid())
                    .filter(visible::conversations_even_deleted(scope))
                    .one(tx)
                    .await?;
                if own.is_none() {
                    return Ok(false);
                }
                let this = Condition::all().add(Column::Id.eq(id.uuid()));
                runs::settle_unfinished(tx, this).await?;
                delete_own_files(tx, id.uuid()).await?;
                // The rest follows by cascade.
                Entity::delete_by_id(id.uuid()).exec(tx).await?;
                audit::insert(tx, entry).await?;
                Ok(true)
            })
        })
        .await
    }
}

/// Deletes the files attached to this conversation's messages and to no others.
async fn delete_own_files(tx: &Tx, conversation: Uuid) -> Result<()> {
    let delete = Statement::from_sql_and_values(
        tx.get_database_backend(),
        "DELETE FROM files WHERE id IN (
             SELECT used.file_id FROM message_files used
             JOIN messages ON messages.id = used.message_id
             WHERE messages.conversation_id = $1
         ) AND NOT EXISTS (
             SELECT 1 FROM message_files used
             JOIN messages ON messages.id = used.message_id
             WHERE used.file_id = files.id AND messages.conversation_id <> $1
         )",
        [conversation.into()],
    );
    tx.execute_raw(delete).await?;
    Ok(())
}
