//! Reads chatbots.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait, LockType, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;
use vpaura_domain::{Access, Chatbot, ChatbotId, Listing, Page, Scope};

use super::chatbot;
use crate::db::Tx;
use crate::entities::chatbot::{Column, Entity, Model};
use crate::entities::chatbot_version;
use crate::error::{Result, StoreError};
use crate::grants::Object;
use crate::keyset::{self, Place};
use crate::store::Store;
use crate::visible;

/// A row as a list's page has it, its settings still to be read.
struct Listed(Model);

impl TryFrom<Model> for Listed {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self(row))
    }
}

impl Store {
    /// The chatbot, unless it is not there or not visible.
    pub async fn get_chatbot(&self, scope: &Scope, id: ChatbotId) -> Result<Option<Chatbot>> {
        self.read(scope, |db| async move { find(&db, scope, id).await }).await
    }

    /// The workspace's default chatbot, unless it is not visible.
    pub async fn default_chatbot(&self, scope: &Scope) -> Result<Option<Chatbot>> {
        let default = visible::chatbots(scope).add(Column::IsDefault.eq(true));
        self.read(scope, |db| {
            let default = default.clone();
            async move { first(&db, default).await }
        })
        .await
    }

    /// The chatbots that the scope may use, the newest first.
    pub async fn list_chatbots(&self, scope: &Scope, page: &Page) -> Result<Listing<Chatbot>> {
        let select = Entity::find().filter(visible::chatbots(scope));
        let order = (Column::CreatedAt, Column::Id);
        self.read(scope, |db| {
            let select = select.clone();
            async move {
                let place = |row: &Model| Place { at: row.created_at, id: row.id };
                let rows: Listing<Listed> = keyset::page(&db, select, order, page, place).await?;
                let ids = rows.items.iter().map(|Listed(row)| row.id).collect();
                let mut settings = settings_of(&db, ids).await?;
                let items = rows.items.into_iter().map(|Listed(row)| {
                    let text = settings.remove(&row.id).ok_or_else(without_version)?;
                    chatbot(row, &text)
                });
                Ok(Listing {
                    items: items.collect::<Result<_>>()?,
                    total: rows.total,
                    next_cursor: rows.next_cursor,
                })
            }
        })
        .await
    }

    /// What the scope's user may do with the chatbot because it is shared with them.
    pub async fn chatbot_access(&self, scope: &Scope, id: ChatbotId) -> Result<Option<Access>> {
        self.access_to(scope, Object::Chatbot(id)).await
    }
}

/// The visible chatbot with this id.
pub(super) async fn find<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    id: ChatbotId,
) -> Result<Option<Chatbot>> {
    first(db, visible::chatbots(scope).add(Column::Id.eq(id.uuid()))).await
}

/// The one chatbot that can meet the condition.
async fn first<C: ConnectionTrait>(db: &C, condition: Condition) -> Result<Option<Chatbot>> {
    let rows = Entity::find().filter(condition).all(db).await?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let mut settings = settings_of(db, vec![row.id]).await?;
    let text = settings.remove(&row.id).ok_or_else(without_version)?;
    chatbot(row, &text).map(Some)
}

/// The visible chatbot's row, kept from other writers until the transaction ends.
pub(super) async fn lock(tx: &Tx, scope: &Scope, id: ChatbotId) -> Result<Option<Model>> {
    let rows = Entity::find_by_id(id.uuid())
        .filter(visible::chatbots(scope))
        .lock(LockType::Update)
        .all(tx)
        .await?;
    Ok(rows.into_iter().next())
}

/// The texts of the current settings of these chatbots, by their ids.
async fn settings_of<C: ConnectionTrait>(db: &C, ids: Vec<Uuid>) -> Result<HashMap<Uuid, String>> {
    use chatbot_version::Column as Version;
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let of_version = Expr::col((chatbot_version::Entity, Version::ChatbotId));
    let current = Query::select()
        .column(Column::Version)
        .from(Entity)
        .and_where(Expr::col((Entity, Column::Id)).eq(of_version))
        .to_owned();
    let rows: Vec<(Uuid, String)> = chatbot_version::Entity::find()
        .select_only()
        .columns([Version::ChatbotId, Version::Settings])
        .filter(Version::ChatbotId.is_in(ids))
        .filter(Expr::col((chatbot_version::Entity, Version::Version)).eq(current))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

fn without_version() -> StoreError {
    StoreError::Corrupt { column: "chatbots.version", reason: "there is no such version".into() }
}
