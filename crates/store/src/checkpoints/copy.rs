//! Copies a thread.

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
            .write(self.within(), (from, to), move |tx, (from, to)| {
                Box::pin(copy(tx, workspace, from, to))
            })
            .await
    }
}

async fn copy(tx: &Tx, workspace: Uuid, from: &ThreadId, to: &ThreadId) -> Answer<()> {
    let found = thread::find_and_lock(tx, workspace, from).await?;
    let Some(source) = found.filter(|thread| thread.head.is_some()) else {
        return Ok(Err(Refusal::Missing { thread: from.clone(), seq: 1 }));
    };
    let statement = |sql: &str, values: [Value; 2]| {
        Statement::from_sql_and_values(tx.get_database_backend(), sql, values)
    };
    let made = statement(THREAD, [source.id.into(), to.as_str().into()]);
    let made = tx.query_all_raw(made).await?;
    let Some(row) = made.first() else {
        return Ok(Err(Refusal::Exists { thread: to.clone() }));
    };
    let id: i64 = row.try_get("", "id")?;
    tx.execute_raw(statement(CHECKPOINTS, [source.id.into(), id.into()])).await?;
    tx.execute_raw(statement(RECORDS, [source.id.into(), id.into()])).await?;
    Ok(Ok(()))
}
