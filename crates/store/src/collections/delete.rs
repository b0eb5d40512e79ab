//! Deletes collections: for everybody at once, their rows in the background.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use vpaura_domain::{AuditEntry, CollectionId, Scope};

use crate::audit;
use crate::entities::collection::{Column, Entity};
use crate::error::Result;
use crate::store::Store;
use crate::visible::{self, DELETING};

impl Store {
    /// Deletes the collection; whether it was there and visible. From the commit on nobody sees it
    /// or anything in it; [`purge_knowledge`](Self::purge_knowledge) removes its rows.
    pub async fn delete_collection(
        &self,
        scope: &Scope,
        id: CollectionId,
        entry: &AuditEntry,
    ) -> Result<bool> {
        let input = (*scope, id, entry.clone());
        self.write(scope, input, |tx, (scope, id, entry)| {
            Box::pin(async move {
                let marked = Entity::update_many()
                    .col_expr(Column::Status, Expr::val(DELETING))
                    .filter(Column::Id.eq(id.uuid()))
                    .filter(visible::collections(scope))
                    .exec(tx)
                    .await?;
                if marked.rows_affected == 1 {
                    audit::insert(tx, entry).await?;
                }
                Ok(marked.rows_affected == 1)
            })
        })
        .await
    }
}
