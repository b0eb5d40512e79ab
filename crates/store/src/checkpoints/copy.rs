//! Copies a thread.

use std::sync::atomic::{AtomicI64, Ordering};

use sea_orm::{ConnectionTrait, Statement, Value};
use uuid::Uuid;
use vpaura_graph::ThreadId;
use vpaura_graph::store::StoreError as Refusal;

use super::{Answer, Checkpoints, thread};
use crate::db::Tx;

const THREAD: &str = "INSERT INTO graph_threads
        (workspace_id, name, epoch, lease_until, head, branch, last_branch)
    SELECT workspace_id, $2, 0, 0, head, branch, last_branch FROM graph_threads WHERE id = $1
    ON CONFLICT (workspace_id, name) DO NOTHING
    RETURNING id";

const CHECKPOINTS: &str = "INSERT INTO graph_checkpoints
        (thread_id, seq, workspace_id, branch, parent, source, step, created_at, body, snapshot)
    SELECT $2, seq, workspace_id, branch, parent, source, step, created_at, body, snapshot
    FROM graph_checkpoints WHERE thread_id = $1";

const RECORDS: &str = "INSERT INTO graph_records
        (thread_id, workspace_id, base, path, slot, body)
    SELECT $2, workspace_id, base, path, slot, body
    FROM graph_records WHERE thread_id = $1 ORDER BY id";

impl Checkpoints {
    pub(super) async fn copy_thread(&self, from: ThreadId, to: ThreadId) -> Answer<()> {
        let workspace = self.workspace;
        self.store
            .write(self.within(), (from, to, AtomicI64::new(0)), move |tx, (from, to, made)| {
                Box::pin(copy(tx, workspace, from, to, made))
            })
            .await
    }
}

/// `made` is the id of the copy that an earlier try has made: the answer to its commit may have been
/// lost, and the copy be there.
async fn copy(
    tx: &Tx,
    workspace: Uuid,
    from: &ThreadId,
    to: &ThreadId,
    made: &AtomicI64,
) -> Answer<()> {
    let found = thread::find_and_lock(tx, workspace, from).await?;
    let Some(source) = found.filter(|thread| thread.head.is_some()) else {
        return Ok(Err(Refusal::Missing { thread: from.clone(), seq: 1 }));
    };
    let statement = |sql: &str, values: [Value; 2]| {
        Statement::from_sql_and_values(tx.get_database_backend(), sql, values)
    };
    let rows = statement(THREAD, [source.id.into(), to.as_str().into()]);
    let rows = tx.query_all_raw(rows).await?;
    let Some(row) = rows.first() else {
        let there = thread::find(tx, workspace, to).await?;
        let is_ours = there.is_some_and(|there| there.id == made.load(Ordering::Relaxed));
        return Ok(if is_ours { Ok(()) } else { Err(Refusal::Exists { thread: to.clone() }) });
    };
    let id: i64 = row.try_get("", "id")?;
    made.store(id, Ordering::Relaxed);
    tx.execute_raw(statement(CHECKPOINTS, [source.id.into(), id.into()])).await?;
    tx.execute_raw(statement(RECORDS, [source.id.into(), id.into()])).await?;
    Ok(Ok(()))
}
