//! Removes the rows of what is deleted or replaced: little by little, so that nobody waits long for
//! a place in the writers' line.

use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement,
    Value,
};
use uuid::Uuid;
use vpaura_domain::WorkspaceId;

use crate::db::Tx;
use crate::entities::{chatbot_collection, collection, document, embedding, grant, segment};
use crate::error::Result;
use crate::index::RETIRED;
use crate::store::Store;
use crate::within::Within;

const POSTINGS: &str = "DELETE FROM postings WHERE segment_id = $1
    AND term IN (SELECT term FROM postings WHERE segment_id = $1 LIMIT $2)";
const SIGNATURES_OF_SEGMENT: &str = "DELETE FROM segment_signatures WHERE segment_id = $1";
const VECTORS: &str = "DELETE FROM chunk_vectors WHERE embedding_id = $1
    AND no IN (SELECT no FROM chunk_vectors WHERE embedding_id = $1 LIMIT $2)";
const SIGNATURES_OF_EMBEDDING: &str = "DELETE FROM segment_signatures WHERE embedding_id = $1";
const CHUNKS: &str = "DELETE FROM chunks WHERE collection_id = $1
    AND no IN (SELECT no FROM chunks WHERE collection_id = $1 LIMIT $2)";
const RETIRE_SEGMENTS: &str =
    "UPDATE segments SET status = 'retired' WHERE collection_id = $1 AND status <> 'retired'";
const RETIRE_EMBEDDINGS: &str =
    "UPDATE embeddings SET status = 'retired' WHERE collection_id = $1 AND status <> 'retired'";

impl Store {
    /// Removes up to about `limit` rows of deleted collections, and of parts of the index that
    /// have been replaced, in one transaction; whether there may be more. Several servers may do it
    /// at once. Not bound to a workspace: this is the server's own doing.
    pub async fn purge_knowledge(&self, limit: u32) -> Result<bool> {
        self.write(Within::Installation, limit, |tx, limit| Box::pin(purge(tx, None, *limit))).await
    }

    /// The same for one workspace.
    pub(crate) async fn purge_knowledge_of(
        &self,
        workspace: WorkspaceId,
        limit: u32,
    ) -> Result<bool> {
        self.write(workspace, limit, move |tx, limit| Box::pin(purge(tx, Some(workspace), *limit)))
            .await
    }
}

async fn purge(tx: &Tx, of: Option<WorkspaceId>, limit: u32) -> Result<bool> {
    let mut left = u64::from(limit.max(1));
    let more = loop {
        let mut gone = remove_of_segment(tx, of, left).await?;
        if gone == 0 {
            gone = remove_of_embedding(tx, of, left).await?;
        }
        if gone == 0 {
            gone = remove_of_collection(tx, of, left).await?;
        }
        if gone == 0 {
            break false;
        }
        left = left.saturating_sub(gone);
        if left == 0 {
            break true;
        }
    };
    Ok(more)
}

/// Removes some of a retired segment; how many rows.
async fn remove_of_segment(tx: &Tx, of: Option<WorkspaceId>, left: u64) -> Result<u64> {
    use segment::{Column, Entity};
    let id = first::<Entity>(tx, Column::Id, retired(of, Column::Status, Column::WorkspaceId));
    let Some(id) = id.await? else { return Ok(0) };
    let gone = delete(tx, POSTINGS, id, Some(left)).await?;
    if gone == left {
        return Ok(gone);
    }
    let signatures = delete(tx, SIGNATURES_OF_SEGMENT, id, None).await?;
    Entity::delete_many().filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(gone + signatures + 1)
}

/// Removes some of a retired embedding.
async fn remove_of_embedding(tx: &Tx, of: Option<WorkspaceId>, left: u64) -> Result<u64> {
    use embedding::{Column, Entity};
    let id = first::<Entity>(tx, Column::Id, retired(of, Column::Status, Column::WorkspaceId));
    let Some(id) = id.await? else { return Ok(0) };
    let gone = delete(tx, VECTORS, id, Some(left)).await?;
    if gone == left {
        return Ok(gone);
    }
    let signatures = delete(tx, SIGNATURES_OF_EMBEDDING, id, None).await?;
    Entity::delete_many().filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(gone + signatures + 1)
}

/// Removes some of a deleted collection. Its segments and embeddings are retired first, and so
/// gone before it: whoever would add another one needs the lock that is held here.
async fn remove_of_collection(tx: &Tx, of: Option<WorkspaceId>, left: u64) -> Result<u64> {
    use collection::{Column, Entity};
    let deleted = Condition::all()
        .add(Expr::cust("status = 'deleting'"))
        .add_option(of.map(|id| Column::WorkspaceId.eq(id.uuid())));
    let Some(id) = first::<Entity>(tx, Column::Id, deleted).await? else { return Ok(0) };
    let retired = delete(tx, RETIRE_SEGMENTS, id, None).await?
        + delete(tx, RETIRE_EMBEDDINGS, id, None).await?;
    if retired > 0 {
        return Ok(retired);
    }
    let chunks = delete(tx, CHUNKS, id, Some(left)).await?;
    if chunks > 0 {
        return Ok(chunks);
    }
    let documents = remove_documents(tx, id, left).await?;
    if documents > 0 {
        return Ok(documents);
    }
    grant::Entity::delete_many().filter(grant::Column::ObjectId.eq(id)).exec(tx).await?;
    chatbot_collection::Entity::delete_many()
        .filter(chatbot_collection::Column::CollectionId.eq(id))
        .exec(tx)
        .await?;
    Entity::delete_many().filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(1)
}

async fn remove_documents(tx: &Tx, collection: Uuid, left: u64) -> Result<u64> {
    use document::{Column, Entity};
    let ids: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::CollectionId.eq(collection))
        .limit(left.min(MOST_DOCUMENTS))
        .into_tuple()
        .all(tx)
        .await?;
    let gone = Entity::delete_many().filter(Column::Id.is_in(ids)).exec(tx).await?;
    Ok(gone.rows_affected)
}

/// Their ids are parameters of one statement.
const MOST_DOCUMENTS: u64 = 500;

/// What is retired. The word is in the statement itself, for the partial index.
fn retired<C: ColumnTrait>(of: Option<WorkspaceId>, status: C, workspace: C) -> Condition {
    let is_retired = Expr::col(status.as_column_ref());
    let is_retired = sea_orm::sea_query::ExprTrait::eq(is_retired, Expr::Constant(RETIRED.into()));
    Condition::all().add(is_retired).add_option(of.map(|id| workspace.eq(id.uuid())))
}

/// The id of a row that nobody else is at, and that is kept from others.
async fn first<E: EntityTrait>(
    tx: &Tx,
    id: E::Column,
    condition: Condition,
) -> Result<Option<Uuid>> {
    let rows: Vec<Uuid> = E::find()
        .select_only()
        .column(id)
        .filter(condition)
        .limit(1)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .into_tuple()
        .all(tx)
        .await?;
    Ok(rows.into_iter().next())
}

/// How many rows the statement changed.
async fn delete(tx: &Tx, sql: &str, of: Uuid, most: Option<u64>) -> Result<u64> {
    let most = most.map(|most| Value::from(i64::try_from(most).unwrap_or(i64::MAX)));
    let values: Vec<Value> = std::iter::once(of.into()).chain(most).collect();
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    Ok(tx.execute_raw(statement).await?.rows_affected())
}
