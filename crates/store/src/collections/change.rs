//! Changes a collection.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use vpaura_domain::{AuditEntry, Collection, CollectionId, Scope, Timestamp};

use super::CollectionChanges;
use super::read::find;
use crate::codec::{self, Word};
use crate::db::Tx;
use crate::entities::collection::{Column, Entity};
use crate::error::Result;
use crate::store::Store;
use crate::{audit, visible};

impl Store {
    /// Applies the changes; `None` when the collection is not visible. That the caller may change
    /// it is the engine's to know. Documents that were read already stay as they were cut.
    pub async fn update_collection(
        &self,
        scope: &Scope,
        id: CollectionId,
        changes: &CollectionChanges,
        entry: &AuditEntry,
    ) -> Result<Option<Collection>> {
        let input = (*scope, id, changes.clone(), entry.clone(), self.now());
        self.write(scope, input, |tx, (scope, id, changes, entry, now)| {
            Box::pin(apply(tx, scope, *id, changes, entry, *now))
        })
        .await
    }
}

async fn apply(
    tx: &Tx,
    scope: &Scope,
    id: CollectionId,
    changes: &CollectionChanges,
    entry: &AuditEntry,
    now: Timestamp,
) -> Result<Option<Collection>> {
    let mut update = Entity::update_many()
        .col_expr(Column::UpdatedAt, Expr::val(now.millis()))
        .filter(Column::Id.eq(id.uuid()))
        .filter(visible::collections(scope));
    if let Some(name) = &changes.name {
        update = update
            .col_expr(Column::Name, Expr::val(name.as_str()))
            .col_expr(Column::NameKey, Expr::val(name.to_lowercase()));
    }
    if let Some(description) = &changes.description {
        update = update.col_expr(Column::Description, Expr::val(description.clone()));
    }
    if let Some(visibility) = changes.visibility {
        update = update.col_expr(Column::Visibility, Expr::val(visibility.word()));
    }
    if let Some(chunking) = &changes.chunking {
        let text = codec::to_text(chunking, "collections.chunking")?;
        update = update.col_expr(Column::Chunking, Expr::val(text));
    }
    if update.exec(tx).await?.rows_affected == 0 {
        return Ok(None);
    }
    audit::insert(tx, entry).await?;
    find(tx, scope, id).await
}
