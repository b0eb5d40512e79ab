//! A thread's row, and what it allows.

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};
use uuid::Uuid;
use vpaura_graph::ThreadId;
use vpaura_graph::store::{Commit, Head, Lease, Seq, StoreError as Refusal};

use crate::codec::{to_i64, to_u32, to_u64};
use crate::error::Result;

const FIND: &str = "SELECT id, epoch, head, branch, last_branch FROM graph_threads
    WHERE workspace_id = $1 AND name = $2";
const FIND_AND_LOCK: &str = "SELECT id, epoch, head, branch, last_branch FROM graph_threads
    WHERE workspace_id = $1 AND name = $2 FOR UPDATE";

/// A thread's row.
pub(super) struct Thread {
    pub(super) id: i64,
    pub(super) epoch: u64,
    pub(super) head: Option<Head>,
}

/// Reads the row as it is.
pub(super) async fn find<C: ConnectionTrait>(
    db: &C,
    workspace: Uuid,
    name: &ThreadId,
) -> Result<Option<Thread>> {
    query(db, FIND, workspace, name).await
}

/// Reads the row in a transaction and keeps other writers away until its end. SQLite has but one
/// writer.
pub(super) async fn find_and_lock<C: ConnectionTrait>(
    db: &C,
    workspace: Uuid,
    name: &ThreadId,
) -> Result<Option<Thread>> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => FIND_AND_LOCK,
        _ => FIND,
    };
    query(db, sql, workspace, name).await
}

async fn query<C: ConnectionTrait>(
    db: &C,
    sql: &str,
    workspace: Uuid,
    name: &ThreadId,
) -> Result<Option<Thread>> {
    let values = [workspace.into(), name.as_str().into()];
    let query = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let Some(row) = db.query_one_raw(query).await? else { return Ok(None) };
    let epoch = to_u64(row.try_get("", "epoch")?);
    Ok(Some(Thread { id: row.try_get("", "id")?, epoch, head: head(&row)? }))
}

/// Whether the thread has this checkpoint.
pub(super) async fn has<C: ConnectionTrait>(db: &C, thread: &Thread, seq: i64) -> Result<bool> {
    const HAS: &str = "SELECT 1 FROM graph_checkpoints WHERE thread_id = $1 AND seq = $2";
    let values = [thread.id.into(), seq.into()];
    let query = Statement::from_sql_and_values(db.get_database_backend(), HAS, values);
    Ok(db.query_one_raw(query).await?.is_some())
}

/// The head in a row with these columns of the thread.
pub(super) fn head(row: &QueryResult) -> Result<Option<Head>> {
    let seq: Option<i64> = row.try_get("", "head")?;
    let (branch, last_branch) = (row.try_get("", "branch")?, row.try_get("", "last_branch")?);
    seq.map(|seq| head_of(seq, branch, last_branch)).transpose()
}

/// The head from its columns. Checkpoints are numbered on from the head, so it is the last one.
pub(super) fn head_of(seq: i64, branch: i64, last_branch: i64) -> Result<Head> {
    let seq = to_u64(seq);
    let branch = to_u32(branch, "graph_threads.branch")?;
    let last_branch = to_u32(last_branch, "graph_threads.last_branch")?;
    Ok(Head { seq, branch, last: seq, last_branch })
}

/// Whether records may be stored, the highest base being `base`.
pub(super) fn may_put(thread: Option<&Thread>, lease: &Lease, base: Seq) -> Result<(), Refusal> {
    not_fenced(thread, lease)?;
    if base > seq(thread).unwrap_or(0) {
        return Err(Refusal::Missing { thread: lease.thread.clone(), seq: base });
    }
    Ok(())
}

/// Whether a commit may follow, as far as the row tells.
pub(super) fn may_commit(
    thread: Option<&Thread>,
    lease: &Lease,
    commit: &Commit,
) -> Result<(), Refusal> {
    not_fenced(thread, lease)?;
    if seq(thread) != commit.expected {
        return Err(Refusal::Moved { thread: lease.thread.clone() });
    }
    Ok(())
}

pub(super) fn not_fenced(thread: Option<&Thread>, lease: &Lease) -> Result<(), Refusal> {
    if thread.is_some_and(|thread| thread.epoch > lease.epoch) {
        return Err(Refusal::Fenced { thread: lease.thread.clone() });
    }
    Ok(())
}

/// Makes the thread, or gives it the lease's epoch; `false` if it has seen a higher one.
pub(super) async fn adopt<C: ConnectionTrait>(
    db: &C,
    workspace: Uuid,
    lease: &Lease,
) -> Result<bool> {
    const ADOPT: &str = "INSERT INTO graph_threads
            (workspace_id, name, epoch, lease_until, branch, last_branch)
        VALUES ($1, $2, $3, 0, 0, 0)
        ON CONFLICT (workspace_id, name) DO UPDATE SET epoch = excluded.epoch
        WHERE graph_threads.epoch <= excluded.epoch";
    let values = [workspace.into(), lease.thread.as_str().into(), to_i64(lease.epoch).into()];
    let adopt = Statement::from_sql_and_values(db.get_database_backend(), ADOPT, values);
    Ok(db.execute_raw(adopt).await?.rows_affected() == 1)
}

fn seq(thread: Option<&Thread>) -> Option<Seq> {
    thread.and_then(|thread| thread.head).map(|head| head.seq)
}
