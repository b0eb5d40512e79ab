//! Has a document read again.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;
use vpaura_domain::{CollectionId, Document, DocumentId, DocumentStatus, Scope};

use super::read::{condition, find};
use crate::codec::Word;
use crate::entities::document::{Column, Entity};
use crate::error::Result;
use crate::store::Store;

impl Store {
    /// The document waits to be read once more, as its collection cuts documents now, or after it
    /// could not be read. Whoever is reading it is refused. What it showed before is searched
    /// until the new chunks are there. `None` when it is not visible.
    pub async fn reindex_document(
        &self,
        scope: &Scope,
        collection: CollectionId,
        id: DocumentId,
    ) -> Result<Option<Document>> {
        let input = (*scope, collection, id, self.now());
        self.write(scope, input, |tx, (scope, collection, id, now)| {
            Box::pin(async move {
                Entity::update_many()
                    .col_expr(Column::Status, Expr::val(DocumentStatus::Pending.word()))
                    .col_expr(Column::Error, Expr::val(None::<String>))
                    .col_expr(Column::Tries, Expr::val(0_i64))
                    .col_expr(Column::LeaseOwner, Expr::val(None::<Uuid>))
                    .col_expr(Column::LeaseUntil, Expr::val(0_i64))
                    .col_expr(Column::UpdatedAt, Expr::val(now.millis()))
                    .filter(Column::Id.eq(id.uuid()))
                    .filter(condition(scope, *collection))
                    .exec(tx)
                    .await?;
                find(tx, scope, *collection, *id).await
            })
        })
        .await
    }
}
