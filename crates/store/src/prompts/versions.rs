//! Versions of prompts.

use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, Order, QueryFilter, QueryOrder, QuerySelect,
};
use vpaura_domain::{Listing, MAX_LIMIT, PromptId, PromptVersion, Scope, Timestamp, UserId};

use super::NewVersion;
use super::read::find;
use crate::chatbots::{number, version_cursor};
use crate::db::Tx;
use crate::entities::prompt_version::{Column, Entity, Model};
use crate::error::Result;
use crate::store::Store;

impl Store {
    /// The prompt's versions, the newest first, below the `cursor` of the page before; `None`
    /// when the prompt is not there.
    pub async fn list_prompt_versions(
        &self,
        scope: &Scope,
        id: PromptId,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Option<Listing<PromptVersion>>> {
        let below = cursor.map(version_cursor).transpose()?;
        let limit = limit.clamp(1, MAX_LIMIT);
        self.read(scope, |db| async move {
            if find(&db, scope, id).await?.is_none() {
                return Ok(None);
            }
            let mut select = Entity::find().filter(Column::PromptId.eq(id.uuid()));
            if let Some(below) = below {
                select = select.filter(Column::Version.lt(below));
            }
            let select = select.order_by(Column::Version, Order::Desc);
            let mut rows = select.limit(u64::from(limit) + 1).all(&db).await?;
            let more = rows.len() > limit as usize;
            rows.truncate(limit as usize);
            let next_cursor = rows.last().filter(|_| more).map(|row| row.version.to_string());
            let items = rows.into_iter().map(PromptVersion::from).collect();
            Ok(Some(Listing { items, total: None, next_cursor }))
        })
        .await
    }

    /// One version of a prompt.
    pub async fn prompt_version(
        &self,
        scope: &Scope,
        id: PromptId,
        version: u32,
    ) -> Result<Option<PromptVersion>> {
        self.read(scope, |db| async move {
            if find(&db, scope, id).await?.is_none() {
                return Ok(None);
            }
            let row = Entity::find_by_id((id.uuid(), i64::from(version))).one(&db).await?;
            Ok(row.map(PromptVersion::from))
        })
        .await
    }
}

pub(super) async fn insert(tx: &Tx, new: &NewVersion<'_>) -> Result<()> {
    let row = Model {
        prompt_id: new.prompt,
        version: new.number,
        workspace_id: new.workspace.uuid(),
        body: new.text.to_owned(),
        created_by: new.by.map(UserId::uuid),
        created_at: new.now.millis(),
    };
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

impl From<Model> for PromptVersion {
    fn from(row: Model) -> Self {
        Self {
            version: number(row.version),
            text: row.body,
            created_by: row.created_by.map(UserId::from_uuid),
            created_at: Timestamp::from_millis(row.created_at),
        }
    }
}
