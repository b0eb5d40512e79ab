//! Reads the prompt library.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;
use vpaura_domain::{Listing, Page, Prompt, PromptId, Scope};

use super::prompt;
use crate::entities::prompt::{Column, Entity, Model};
use crate::entities::prompt_version;
use crate::error::{Result, StoreError};
use crate::keyset::{self, Place};
use crate::store::Store;
use crate::visible;

/// A row as a list's page has it, its text still to be read.
struct Listed(Model);

impl TryFrom<Model> for Listed {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self(row))
    }
}

impl Store {
    /// The prompt, unless it is not in the workspace.
    pub async fn get_prompt(&self, scope: &Scope, id: PromptId) -> Result<Option<Prompt>> {
        self.read(scope, |db| async move { find(&db, scope, id).await }).await
    }

    /// The workspace's prompt of this name.
    pub async fn prompt_named(&self, scope: &Scope, name: &str) -> Result<Option<Prompt>> {
        self.read(
            scope,
            |db| async move { first(&db, within(scope).add(Column::Name.eq(name))).await },
        )
        .await
    }

    /// The workspace's prompts, the newest first.
    pub async fn list_prompts(&self, scope: &Scope, page: &Page) -> Result<Listing<Prompt>> {
        let select = Entity::find().filter(within(scope));
        let order = (Column::CreatedAt, Column::Id);
        self.read(scope, |db| {
            let select = select.clone();
            async move {
                let place = |row: &Model| Place { at: row.created_at, id: row.id };
                let rows: Listing<Listed> = keyset::page(&db, select, order, page, place).await?;
                let ids = rows.items.iter().map(|Listed(row)| row.id).collect();
                let mut texts = texts_of(&db, ids).await?;
                let items = rows.items.into_iter().map(|Listed(row)| {
                    let text = texts.remove(&row.id).ok_or_else(without_version)?;
                    Ok(prompt(row, text))
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
}

/// The scope's workspace's prompts.
pub(super) fn within(scope: &Scope) -> Condition {
    Condition::all().add(Column::WorkspaceId.eq(visible::workspace(scope)))
}

/// The prompt with this id.
pub(super) async fn find<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    id: PromptId,
) -> Result<Option<Prompt>> {
    first(db, within(scope).add(Column::Id.eq(id.uuid()))).await
}

/// The one prompt that can meet the condition.
async fn first<C: ConnectionTrait>(db: &C, condition: Condition) -> Result<Option<Prompt>> {
    let rows = Entity::find().filter(condition).all(db).await?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let mut texts = texts_of(db, vec![row.id]).await?;
    let text = texts.remove(&row.id).ok_or_else(without_version)?;
    Ok(Some(prompt(row, text)))
}

/// The current texts of these prompts, by their ids.
async fn texts_of<C: ConnectionTrait>(db: &C, ids: Vec<Uuid>) -> Result<HashMap<Uuid, String>> {
    use prompt_version::Column as Version;
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let of_version = Expr::col((prompt_version::Entity, Version::PromptId));
    let current = Query::select()
        .column(Column::Version)
        .from(Entity)
        .and_where(Expr::col((Entity, Column::Id)).eq(of_version))
        .to_owned();
    let rows: Vec<(Uuid, String)> = prompt_version::Entity::find()
        .select_only()
        .columns([Version::PromptId, Version::Body])
        .filter(Version::PromptId.is_in(ids))
        .filter(Expr::col((prompt_version::Entity, Version::Version)).eq(current))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

fn without_version() -> StoreError {
    StoreError::Corrupt { column: "prompts.version", reason: "there is no such version".into() }
}
