//! Writes segments and vectors: many rows in few statements.

use std::collections::HashSet;

use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    Statement, Value, sqlx,
};
use uuid::Uuid;
use vpaura_domain::{EmbeddingId, Timestamp, WorkspaceId};

use super::{BUILDING, LIVE, NewSegment, SERVING};
use crate::codec::to_i64;
use crate::db::Tx;
use crate::entities::{embedding, segment};
use crate::error::Result;

/// Rows of one statement on SQLite, two parameters each: far below its limit, and large enough
/// that a statement's own cost does not count.
const SQLITE_ROWS: usize = 250;
/// Rows of one statement on PostgreSQL, which gets them as lists.
const POSTGRES_ROWS: usize = 5_000;

/// Adds the segment as a live one, its places counted from `first_no`. Chunks at places that are not
/// `shown` have no row: they count as dead, and their vectors are left out. Of embeddings that are in
/// use no more nothing is kept.
pub(crate) async fn insert_segment(
    tx: &Tx,
    (workspace, collection, first_no): (WorkspaceId, Uuid, u32),
    new: &NewSegment,
    shown: &HashSet<u32>,
    now: Timestamp,
) -> Result<()> {
    if new.chunks == 0 {
        return Ok(());
    }
    let alive = u32::try_from(shown.len()).unwrap_or(u32::MAX);
    let row = segment::Model {
        id: new.id.uuid(),
        workspace_id: workspace.uuid(),
        collection_id: collection,
        first_no: i64::from(first_no) + i64::from(new.first),
        span: new.span.into(),
        chunks: new.chunks.into(),
        terms_total: to_i64(new.terms_total),
        dead: new.chunks.saturating_sub(alive).into(),
        status: LIVE.to_owned(),
        created_at: now.millis(),
        languages: new.languages.clone(),
        lengths: new.lengths.clone(),
    };
    segment::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    insert_postings(tx, workspace, new.id.uuid(), &new.postings).await?;
    let in_use = in_use(tx, new.vectors.iter().map(|it| it.embedding_id)).await?;
    for made in new.vectors.iter().filter(|it| in_use.contains(&it.embedding_id.uuid())) {
        let vectors: Vec<_> =
            made.vectors.iter().filter(|(place, _)| shown.contains(place)).collect();
        insert_vectors(tx, workspace, (made.embedding_id, first_no), &vectors).await?;
        let place = (new.id.uuid(), made.embedding_id);
        insert_signatures(tx, workspace, place, &made.signatures).await?;
    }
    Ok(())
}

/// Those of the embeddings that are kept, which they are until the transaction ends.
pub(super) async fn in_use(
    tx: &Tx,
    ids: impl Iterator<Item = EmbeddingId>,
) -> Result<HashSet<Uuid>> {
    let ids: Vec<Uuid> = ids.map(EmbeddingId::uuid).collect();
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let rows: Vec<Uuid> = embedding::Entity::find()
        .select_only()
        .column(embedding::Column::Id)
        .filter(embedding::Column::Id.is_in(ids))
        .filter(embedding::Column::Status.is_in([SERVING, BUILDING]))
        .lock(LockType::KeyShare)
        .into_tuple()
        .all(tx)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Adds postings to a segment.
pub(super) async fn insert_postings(
    tx: &Tx,
    workspace: WorkspaceId,
    segment: Uuid,
    postings: &[(String, Vec<u8>)],
) -> Result<()> {
    if let Tx::Postgres(session) = tx {
        for some in postings.chunks(POSTGRES_ROWS) {
            let terms: Vec<&str> = some.iter().map(|(term, _)| term.as_str()).collect();
            let data: Vec<&[u8]> = some.iter().map(|(_, data)| data.as_slice()).collect();
            let insert = sqlx::query(
                "INSERT INTO postings (segment_id, workspace_id, term, data)
                 SELECT $1, $2, term, data FROM unnest($3::text[], $4::bytea[]) AS p (term, data)",
            )
            .bind(segment)
            .bind(workspace.uuid())
            .bind(terms)
            .bind(data);
            session.run(async |db| insert.execute(db).await).await?;
        }
        return Ok(());
    }
    let head = "INSERT INTO postings (segment_id, workspace_id, term, data) SELECT ?, ?,";
    for some in postings.chunks(SQLITE_ROWS) {
        let pairs = some.iter().map(|(term, data)| [term.as_str().into(), data.clone().into()]);
        insert_pairs(tx, head, [segment.into(), workspace.uuid().into()], pairs).await?;
    }
    Ok(())
}

/// Adds vectors to an embedding, by the chunks' numbers: those given, counted from the first one.
pub(super) async fn insert_vectors(
    tx: &Tx,
    workspace: WorkspaceId,
    (embedding, first_no): (EmbeddingId, u32),
    vectors: &[&(u32, Vec<u8>)],
) -> Result<()> {
    let number = |no: u32| i64::from(first_no) + i64::from(no);
    if let Tx::Postgres(session) = tx {
        for some in vectors.chunks(POSTGRES_ROWS) {
            let numbers: Vec<i64> = some.iter().map(|(no, _)| number(*no)).collect();
            let data: Vec<&[u8]> = some.iter().map(|(_, data)| data.as_slice()).collect();
            let insert = sqlx::query(
                "INSERT INTO chunk_vectors (embedding_id, workspace_id, no, data)
                 SELECT $1, $2, no, data FROM unnest($3::bigint[], $4::bytea[]) AS v (no, data)
                 ON CONFLICT (embedding_id, no) DO NOTHING",
            )
            .bind(embedding.uuid())
            .bind(workspace.uuid())
            .bind(numbers)
            .bind(data);
            session.run(async |db| insert.execute(db).await).await?;
        }
        return Ok(());
    }
    let head =
        "INSERT OR IGNORE INTO chunk_vectors (embedding_id, workspace_id, no, data) SELECT ?, ?,";
    for some in vectors.chunks(SQLITE_ROWS) {
        let pairs = some.iter().map(|(no, data)| [number(*no).into(), data.clone().into()]);
        insert_pairs(tx, head, [embedding.uuid().into(), workspace.uuid().into()], pairs).await?;
    }
    Ok(())
}

/// Adds a segment's signatures by an embedding, unless they are there.
pub(super) async fn insert_signatures(
    tx: &Tx,
    workspace: WorkspaceId,
    (segment, embedding): (Uuid, EmbeddingId),
    signatures: &[u8],
) -> Result<()> {
    let insert = Statement::from_sql_and_values(
        tx.get_database_backend(),
        "INSERT INTO segment_signatures (segment_id, embedding_id, workspace_id, data)
         VALUES ($1, $2, $3, $4) ON CONFLICT (segment_id, embedding_id) DO NOTHING",
        [
            segment.into(),
            embedding.uuid().into(),
            workspace.uuid().into(),
            signatures.to_vec().into(),
        ],
    );
    tx.execute_raw(insert).await?;
    Ok(())
}

/// SQLite: rows that have their first two columns in common. Parameters have no names: the driver
/// looks each up among all before it.
async fn insert_pairs(
    tx: &Tx,
    head: &str,
    common: [Value; 2],
    pairs: impl ExactSizeIterator<Item = [Value; 2]>,
) -> Result<()> {
    let rows = vec!["(?,?)"; pairs.len()].join(",");
    let sql = format!("{head} column1, column2 FROM (VALUES {rows})");
    let values: Vec<Value> = common.into_iter().chain(pairs.flatten()).collect();
    let insert = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    tx.execute_raw(insert).await?;
    Ok(())
}
