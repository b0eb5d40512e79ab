//! Deletes a document with everything that shows it.

use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement};
use uuid::Uuid;
use vpaura_domain::{AuditEntry, CollectionId, DocumentId, Scope};

use super::read::condition;
use crate::db::Tx;
use crate::entities::document::{Column, Entity};
use crate::error::Result;
use crate::store::Store;
use crate::{audit, collections};

/// A chunk without a row is dead in its segment.
const COUNT_DEAD: &str = "UPDATE segments SET dead = dead + (
        SELECT COUNT(*) FROM chunks AS c WHERE c.document_id = $2
            AND c.no >= segments.first_no AND c.no < segments.first_no + segments.span)
    WHERE collection_id = $1 AND status = 'live'
        AND first_no <= (SELECT MAX(no) FROM chunks WHERE document_id = $2)
        AND first_no + span > (SELECT MIN(no) FROM chunks WHERE document_id = $2)";

/// What has nothing to show any more is searched no more.
pub(crate) const RETIRE_DEAD: &str = "UPDATE segments SET status = 'retired'
    WHERE collection_id = $1 AND status = 'live' AND dead >= chunks";

const FORGET_VECTORS: &str = "DELETE FROM chunk_vectors
    WHERE embedding_id IN (SELECT id FROM embeddings WHERE collection_id = $1)
        AND no IN (SELECT no FROM chunks WHERE document_id = $2)";

const FORGET_CHUNKS: &str = "DELETE FROM chunks WHERE collection_id = $1 AND document_id = $2";

impl Store {
    /// Removes the document, its chunks and their vectors; false when it is not visible. What the
    /// index has of it is found by nobody, and goes with the next merge of its segment, or by
    /// [`purge_knowledge`](Self::purge_knowledge) where nothing else was in it.
    pub async fn delete_document(
        &self,
        scope: &Scope,
        collection: CollectionId,
        id: DocumentId,
        entry: &AuditEntry,
    ) -> Result<bool> {
        let input = (*scope, collection, id, entry.clone());
        self.write(scope, input, |tx, (scope, collection, id, entry)| {
            Box::pin(async move {
                let one = condition(scope, *collection).add(Column::Id.eq(id.uuid()));
                let rows: Vec<Uuid> = Entity::find()
                    .select_only()
                    .column(Column::Id)
                    .filter(one)
                    .lock(LockType::Update)
                    .into_tuple()
                    .all(tx)
                    .await?;
                if rows.is_empty() {
                    return Ok(false);
                }
                bury(tx, collection.uuid(), id.uuid()).await?;
                Entity::delete_many().filter(Column::Id.eq(id.uuid())).exec(tx).await?;
                audit::insert(tx, entry).await?;
                Ok(true)
            })
        })
        .await
    }
}

/// Removes the document's chunks with their vectors, and counts them as dead.
pub(crate) async fn bury(tx: &Tx, collection: Uuid, document: Uuid) -> Result<()> {
    collections::lock(tx, collection).await?;
    let backend = tx.get_database_backend();
    for sql in [COUNT_DEAD, FORGET_VECTORS, FORGET_CHUNKS] {
        let values = [collection.into(), document.into()];
        tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    let retire = Statement::from_sql_and_values(backend, RETIRE_DEAD, [collection.into()]);
    tx.execute_raw(retire).await?;
    Ok(())
}
