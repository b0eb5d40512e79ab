//! Versions of chatbots.

use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, Order, QueryFilter, QueryOrder, QuerySelect,
};
use vpaura_domain::{ChatbotId, ChatbotVersion, Listing, MAX_LIMIT, Scope, Timestamp, UserId};

use super::read::find;
use super::{NewVersion, number};
use crate::codec;
use crate::db::Tx;
use crate::entities::chatbot_collection;
use crate::entities::chatbot_version::{Column, Entity, Model};
use crate::error::{Result, StoreError};
use crate::store::Store;

impl Store {
    /// The chatbot's versions, the newest first, below the `cursor` of the page before; `None`
    /// when the chatbot is not visible.
    pub async fn list_chatbot_versions(
        &self,
        scope: &Scope,
        id: ChatbotId,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Option<Listing<ChatbotVersion>>> {
        let below = cursor.map(version_cursor).transpose()?;
        let limit = limit.clamp(1, MAX_LIMIT);
        self.read(scope, |db| async move {
            if find(&db, scope, id).await?.is_none() {
                return Ok(None);
            }
            let mut select = Entity::find().filter(Column::ChatbotId.eq(id.uuid()));
            if let Some(below) = below {
                select = select.filter(Column::Version.lt(below));
            }
            let select = select.order_by(Column::Version, Order::Desc);
            let mut rows = select.limit(u64::from(limit) + 1).all(&db).await?;
            let more = rows.len() > limit as usize;
            rows.truncate(limit as usize);
            let next_cursor = rows.last().filter(|_| more).map(|row| row.version.to_string());
            let items = rows.into_iter().map(ChatbotVersion::try_from).collect::<Result<_>>()?;
            Ok(Some(Listing { items, total: None, next_cursor }))
        })
        .await
    }

    /// One version of a visible chatbot.
    pub async fn chatbot_version(
        &self,
        scope: &Scope,
        id: ChatbotId,
        version: u32,
    ) -> Result<Option<ChatbotVersion>> {
        self.read(scope, |db| async move {
            if find(&db, scope, id).await?.is_none() {
                return Ok(None);
            }
            let row = Entity::find_by_id((id.uuid(), i64::from(version))).one(&db).await?;
            row.map(ChatbotVersion::try_from).transpose()
        })
        .await
    }
}

/// The version that a page's cursor names.
pub(crate) fn version_cursor(cursor: &str) -> Result<i64> {
    cursor.parse().map_err(|_| StoreError::InvalidCursor)
}

pub(super) async fn insert(tx: &Tx, new: &NewVersion<'_>) -> Result<()> {
    let row = Model {
        chatbot_id: new.chatbot,
        version: new.number,
        workspace_id: new.workspace.uuid(),
        settings: codec::to_text(new.settings, "chatbot_versions.settings")?,
        note: new.note.map(str::to_owned),
        created_by: new.by.map(UserId::uuid),
        created_at: new.now.millis(),
    };
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    link_collections(tx, new).await
}

/// Notes which collections the chatbot answers from now: what a key that is limited to it may see.
async fn link_collections(tx: &Tx, new: &NewVersion<'_>) -> Result<()> {
    use chatbot_collection::{Column, Entity, Model};
    Entity::delete_many().filter(Column::ChatbotId.eq(new.chatbot)).exec(tx).await?;
    let mut collections = new.settings.collections.clone();
    collections.sort_unstable();
    collections.dedup();
    if collections.is_empty() {
        return Ok(());
    }
    let rows = collections.into_iter().map(|id| Model {
        chatbot_id: new.chatbot,
        collection_id: id.uuid(),
        workspace_id: new.workspace.uuid(),
    });
    let rows = rows.map(IntoActiveModel::into_active_model);
    Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

impl TryFrom<Model> for ChatbotVersion {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            version: number(row.version),
            settings: codec::from_text(&row.settings, "chatbot_versions.settings")?,
            note: row.note,
            created_by: row.created_by.map(UserId::from_uuid),
            created_at: Timestamp::from_millis(row.created_at),
        })
    }
}
