//! Has documents read again.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, UpdateMany};
use uuid::Uuid;
use vpaura_domain::{
    ApiKeyId, AuditEntry, CollectionId, Document, DocumentId, DocumentStatus, Scope, Timestamp,
    UserId,
};

use super::read::{condition, find};
use crate::audit;
use crate::codec::Word;
use crate::db::Tx;
use crate::entities::document::{Column, Entity};
use crate::error::Result;
use crate::store::Store;

/// Documents of one transaction.
const AT_ONCE: u64 = 1_000;

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
            Box::pin(read_again(tx, scope, *collection, *id, *now))
        })
        .await
    }
}

impl Store {
    /// As [`reindex_document`](Self::reindex_document), for the next thousand of the collection's
    /// documents behind this one, in the order of their ids. The last of them; `None` when there
    /// are no more. The audit entry goes with them.
    pub async fn reindex_documents(
        &self,
        scope: &Scope,
        collection: CollectionId,
        after: Option<DocumentId>,
        entry: Option<&AuditEntry>,
    ) -> Result<Option<DocumentId>> {
        let input = (*scope, collection, after, entry.cloned(), self.now());
        self.write(scope, input, |tx, (scope, collection, after, entry, now)| {
            Box::pin(async move {
                if let Some(entry) = entry {
                    audit::insert(tx, entry).await?;
                }
                let mut next = Entity::find()
                    .select_only()
                    .column(Column::Id)
                    .filter(condition(scope, *collection))
                    .order_by_asc(Column::Id)
                    .limit(AT_ONCE);
                if let Some(after) = after {
                    next = next.filter(Column::Id.gt(after.uuid()));
                }
                let ids: Vec<Uuid> = next.into_tuple().all(tx).await?;
                waiting(scope, *now).filter(Column::Id.is_in(ids.iter().copied())).exec(tx).await?;
                Ok(ids.last().copied().map(DocumentId::from_uuid))
            })
        })
        .await
    }
}

/// The same in a transaction.
pub(super) async fn read_again(
    tx: &Tx,
    scope: &Scope,
    collection: CollectionId,
    id: DocumentId,
    now: Timestamp,
) -> Result<Option<Document>> {
    waiting(scope, now)
        .filter(Column::Id.eq(id.uuid()))
        .filter(condition(scope, collection))
        .exec(tx)
        .await?;
    find(tx, scope, collection, id).await
}

/// Whoever is reading them is refused. From now on they wait for this principal.
fn waiting(scope: &Scope, now: Timestamp) -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::val(DocumentStatus::Pending.word()))
        .col_expr(Column::Error, Expr::val(None::<String>))
        .col_expr(Column::AskedBy, Expr::val(scope.user_id().map(UserId::uuid)))
        .col_expr(Column::AskedByKey, Expr::val(scope.api_key_id().map(ApiKeyId::uuid)))
        .col_expr(Column::Tries, Expr::val(0_i64))
        .col_expr(Column::Lost, Expr::val(0_i64))
        .col_expr(Column::LeaseOwner, Expr::val(None::<Uuid>))
        .col_expr(Column::LeaseUntil, Expr::val(0_i64))
        .col_expr(Column::UpdatedAt, Expr::val(now.millis()))
}
