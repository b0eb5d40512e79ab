//! Deletes a chatbot with all its versions, sharings and budgets.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use vpaura_domain::{AuditEntry, ChatbotId, Scope};

use super::read::lock;
use crate::audit;
use crate::db::Tx;
use crate::entities::chatbot::{Column, Entity};
use crate::entities::{budget, grant};
use crate::error::{Result, StoreError};
use crate::store::Store;

impl Store {
    /// Deletes the chatbot; whether it was there and visible. Conversations keep its id.
    ///
    /// # Errors
    /// [`StoreError::DefaultChatbot`]: the workspace's default one stays.
    pub async fn delete_chatbot(
        &self,
        scope: &Scope,
        id: ChatbotId,
        entry: &AuditEntry,
    ) -> Result<bool> {
        let input = (*scope, id, entry.clone());
        self.write(scope, input, |tx, (scope, id, entry)| Box::pin(delete(tx, scope, *id, entry)))
            .await
    }
}

async fn delete(tx: &Tx, scope: &Scope, id: ChatbotId, entry: &AuditEntry) -> Result<bool> {
    let Some(row) = lock(tx, scope, id).await? else { return Ok(false) };
    if row.is_default {
        return Err(StoreError::DefaultChatbot);
    }
    grant::Entity::delete_many().filter(grant::Column::ObjectId.eq(row.id)).exec(tx).await?;
    budget::Entity::delete_many().filter(budget::Column::SpenderId.eq(row.id)).exec(tx).await?;
    Entity::delete_many().filter(Column::Id.eq(row.id)).exec(tx).await?;
    audit::insert(tx, entry).await?;
    Ok(true)
}
