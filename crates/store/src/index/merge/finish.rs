//! Puts the new segment in the place of its parts.

use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, Statement};
use uuid::Uuid;
use vpaura_domain::EmbeddingId;

use super::{Merge, MergedSegment, held};
use crate::codec::to_i64;
use crate::collections;
use crate::db::Tx;
use crate::entities::segment::{Column, Entity};
use crate::entities::{chunk, collection};
use crate::error::Result;
use crate::index::list::List;
use crate::index::write::{in_use, insert_signatures};
use crate::index::{LIVE, RETIRED};
use crate::store::Store;

impl Store {
    /// From the commit on searches use the new segment and not its parts. `false` when the merge
    /// is lost, or signatures are missing that all parts have: then nothing has changed, and it
    /// can be begun anew.
    pub async fn finish_merge(&self, merge: &Merge, merged: MergedSegment) -> Result<bool> {
        let input = (merge.clone(), merged);
        self.write(merge.workspace_id, input, |tx, (merge, merged)| {
            Box::pin(async move {
                // Whoever makes chunks dead waits here, or is waited for.
                collections::lock(tx, merge.collection_id.uuid()).await?;
                if held(tx, merge, LockType::Update).await?.is_none() {
                    return Ok(false);
                }
                let is_whole = has_all_signatures(tx, merge, merged).await?;
                if is_whole {
                    replace(tx, merge, merged).await?;
                } else {
                    retire(tx, vec![merge.segment_id.uuid()]).await?;
                }
                release(tx, merge).await?;
                Ok(is_whole)
            })
        })
        .await
    }
}

/// Whether the new segment has the signatures of every embedding of which all parts have them.
async fn has_all_signatures(tx: &Tx, merge: &Merge, merged: &MergedSegment) -> Result<bool> {
    let backend = tx.get_database_backend();
    let parts = List::Ids(merge.parts.iter().map(|part| part.id.uuid()).collect());
    let sql = format!(
        "SELECT g.embedding_id AS id FROM segment_signatures AS g
         JOIN embeddings AS e ON e.id = g.embedding_id AND e.status <> 'retired'
         WHERE g.segment_id {} GROUP BY g.embedding_id HAVING COUNT(*) = $1",
        parts.one_of(backend, 2)
    );
    let count = to_i64(merge.parts.len() as u64);
    let values = [count.into(), parts.value(backend)?];
    for row in tx.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await? {
        let id = EmbeddingId::from_uuid(row.try_get("", "id")?);
        if !merged.signatures.iter().any(|(embedding, _)| *embedding == id) {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn replace(tx: &Tx, merge: &Merge, merged: &MergedSegment) -> Result<()> {
    let parts = merge.parts.iter().map(|part| part.id.uuid()).collect();
    retire(tx, parts).await?;
    let (from, to) = (i64::from(merge.first_no), i64::from(merge.first_no) + i64::from(merge.span));
    let alive = chunk::Entity::find()
        .filter(chunk::Column::CollectionId.eq(merge.collection_id.uuid()))
        .filter(chunk::Column::No.gte(from))
        .filter(chunk::Column::No.lt(to))
        .count(tx)
        .await?;
    let dead = u64::from(merged.chunks).saturating_sub(alive);
    let status = if dead == u64::from(merged.chunks) { RETIRED } else { LIVE };
    Entity::update_many()
        .col_expr(Column::Status, Expr::val(status))
        .col_expr(Column::Chunks, Expr::val(i64::from(merged.chunks)))
        .col_expr(Column::Dead, Expr::val(to_i64(dead)))
        .col_expr(Column::TermsTotal, Expr::val(to_i64(merged.terms_total)))
        .col_expr(Column::Languages, Expr::val(merged.languages.as_str()))
        .col_expr(Column::Lengths, Expr::val(merged.lengths.clone()))
        .filter(Column::Id.eq(merge.segment_id.uuid()))
        .exec(tx)
        .await?;
    let in_use = in_use(tx, merged.signatures.iter().map(|(embedding, _)| *embedding)).await?;
    let kept = merged.signatures.iter().filter(|(id, _)| in_use.contains(&id.uuid()));
    for (embedding, signatures) in kept {
        let place = (merge.segment_id.uuid(), *embedding);
        insert_signatures(tx, merge.workspace_id, place, signatures).await?;
    }
    Ok(())
}

async fn retire(tx: &Tx, segments: Vec<Uuid>) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::val(RETIRED))
        .filter(Column::Id.is_in(segments))
        .exec(tx)
        .await?;
    Ok(())
}

async fn release(tx: &Tx, merge: &Merge) -> Result<()> {
    collection::Entity::update_many()
        .col_expr(collection::Column::MergeUntil, Expr::val(0_i64))
        .filter(collection::Column::Id.eq(merge.collection_id.uuid()))
        .filter(collection::Column::MergeOwner.eq(merge.server))
        .exec(tx)
        .await?;
    Ok(())
}
