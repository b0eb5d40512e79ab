//! Gives a chunk other words: a new number, indexed anew, in the old one's place.

use std::collections::HashSet;

use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement};
use vpaura_domain::{AuditEntry, Chunk, ChunkId, CollectionId, Scope, Timestamp};

use super::read::find;
use crate::db::Tx;
use crate::documents::RETIRE_DEAD;
use crate::entities::chunk::{Column, Entity, Model};
use crate::entities::document;
use crate::error::Result;
use crate::index::{NewSegment, insert_segment};
use crate::ingestion::give_numbers;
use crate::store::Store;
use crate::{audit, collections};

/// A chunk's new words.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplaceChunk {
    /// The words.
    pub text: String,
    /// How many tokens they have.
    pub tokens: u32,
    /// The index over this one chunk.
    pub segment: NewSegment,
}

const COUNT_DEAD: &str = "UPDATE segments SET dead = dead + 1
    WHERE collection_id = $1 AND status = 'live' AND first_no <= $2 AND first_no + span > $2";

const FORGET_VECTOR: &str = "DELETE FROM chunk_vectors
    WHERE embedding_id IN (SELECT id FROM embeddings WHERE collection_id = $1) AND no = $2";

impl Store {
    /// Replaces the chunk's words; `None` when it is not visible. It keeps its id and its place in
    /// the document, and is marked as edited. That the caller may change it is the engine's to
    /// know.
    pub async fn replace_chunk(
        &self,
        scope: &Scope,
        collection: CollectionId,
        id: ChunkId,
        new: ReplaceChunk,
        entry: &AuditEntry,
    ) -> Result<Option<Chunk>> {
        let input = (*scope, collection, id, new, entry.clone(), self.now());
        self.write(scope, input, |tx, (scope, collection, id, new, entry, now)| {
            Box::pin(async move {
                let Some(row) = find(tx, scope, *collection, *id).await? else { return Ok(None) };
                // Whoever deletes or commits the document locks its row first, too.
                let document = document::Entity::find_by_id(row.document_id)
                    .lock(LockType::Update)
                    .all(tx)
                    .await?;
                let row = find(tx, scope, *collection, *id).await?;
                let (Some(row), false) = (row, document.is_empty()) else { return Ok(None) };
                // Otherwise this is done, and was confirmed to nobody.
                if row.text != new.text {
                    replace(tx, scope, &row, new, *now).await?;
                    audit::insert(tx, entry).await?;
                }
                find(tx, scope, *collection, *id).await?.map(Chunk::try_from).transpose()
            })
        })
        .await
    }
}

async fn replace(
    tx: &Tx,
    scope: &Scope,
    old: &Model,
    new: &ReplaceChunk,
    now: Timestamp,
) -> Result<()> {
    collections::lock(tx, old.collection_id).await?;
    let no = give_numbers(tx, (scope.workspace_id, old.collection_id), 1).await?;
    let backend = tx.get_database_backend();
    for sql in [COUNT_DEAD, FORGET_VECTOR] {
        let values = [old.collection_id.into(), old.no.into()];
        tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    let retire = Statement::from_sql_and_values(backend, RETIRE_DEAD, [old.collection_id.into()]);
    tx.execute_raw(retire).await?;
    Entity::update_many()
        .col_expr(Column::No, Expr::val(i64::from(no)))
        .col_expr(Column::Text, Expr::val(new.text.as_str()))
        .col_expr(Column::Tokens, Expr::val(i64::from(new.tokens)))
        .col_expr(Column::Edited, Expr::val(true))
        .filter(Column::Id.eq(old.id))
        .exec(tx)
        .await?;
    let place = (scope.workspace_id, old.collection_id, no);
    insert_segment(tx, place, &new.segment, &HashSet::from([new.segment.first]), now).await
}
