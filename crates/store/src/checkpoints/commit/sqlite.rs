//! A commit on SQLite: nobody else writes meanwhile, so what was read stays true.

use sea_orm::{ConnectionTrait, Statement, Value};
use uuid::Uuid;
use vpaura_graph::store::{Checkpoint, Commit, Lease, StoreError as Refusal};

use super::{Answer, Plan};
use crate::checkpoints::thread;
use crate::codec::{to_i64, to_u64};
use crate::db::Tx;

macro_rules! insert {
    () => {
        "INSERT INTO graph_checkpoints (thread_id, seq, workspace_id, branch, parent,
            source, step, created_at, body, snapshot)
        VALUES ((SELECT id FROM graph_threads WHERE workspace_id = $1 AND name = $2),
            $3, $1, $4, $5, $6, $7, $8, $9, $10)"
    };
}

/// One checkpoint.
const INSERT: &str = insert!();

/// One checkpoint and all the rest of a commit, in one trip to SQLite's thread.
const COMMIT: &str = concat!(
    "INSERT INTO graph_threads
        (workspace_id, name, epoch, lease_until, head, branch, last_branch)
    VALUES ($1, $2, $11, 0, $12, $13, $14)
    ON CONFLICT (workspace_id, name) DO UPDATE SET epoch = excluded.epoch, head = excluded.head,
        branch = excluded.branch, last_branch = MAX(last_branch, excluded.last_branch);",
    insert!(),
    ";
    DELETE FROM graph_records WHERE base <= $15
        AND thread_id = (SELECT id FROM graph_threads WHERE workspace_id = $1 AND name = $2);
    UPDATE graph_records SET base = $12 WHERE base = $16
        AND thread_id = (SELECT id FROM graph_threads WHERE workspace_id = $1 AND name = $2)"
);

pub(super) async fn commit(
    tx: &Tx,
    workspace: Uuid,
    lease: &Lease,
    commit: &Commit,
    plan: &Plan,
    at: i64,
) -> Answer<()> {
    let found = thread::find(tx, workspace, &lease.thread).await?;
    if let Err(refusal) = thread::may_commit(found.as_ref(), lease, commit) {
        return Ok(Err(refusal));
    }
    if let Some((thread, from)) = found.zip(plan.fork_of)
        && !thread::has(tx, &thread, from).await?
    {
        return Ok(Err(Refusal::Missing { thread: lease.thread.clone(), seq: to_u64(from) }));
    }
    let mut sql = COMMIT;
    for checkpoint in &commit.checkpoints {
        let mut values = columns(workspace, lease, checkpoint, at);
        if sql == COMMIT {
            values.extend([
                plan.epoch.into(),
                plan.head.into(),
                plan.branch.into(),
                plan.last_branch.into(),
                plan.clear.into(),
                plan.carry.into(),
            ]);
        }
        let write = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
        tx.execute_raw(write).await?;
        sql = INSERT;
    }
    Ok(Ok(()))
}

fn columns(workspace: Uuid, lease: &Lease, checkpoint: &Checkpoint, at: i64) -> Vec<Value> {
    vec![
        workspace.into(),
        lease.thread.as_str().into(),
        to_i64(checkpoint.seq).into(),
        i64::from(checkpoint.branch).into(),
        checkpoint.parent.map(to_i64).into(),
        checkpoint.source.as_str().into(),
        i64::from(checkpoint.step).into(),
        at.into(),
        checkpoint.body.as_str().into(),
        checkpoint.snapshot.as_deref().into(),
    ]
}
