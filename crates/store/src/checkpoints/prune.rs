//! Drops the older part of a thread.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, Statement, Value};
use uuid::Uuid;
use vpaura_graph::store::{Lease, Seq, StoreError as Refusal};

use super::{Answer, Checkpoints, thread};
use crate::codec::{to_i64, to_u64};
use crate::db::Tx;
use crate::error::Result;

const PARENTS: &str = "SELECT seq, parent FROM graph_checkpoints
    WHERE thread_id = $1 AND seq >= $2 ORDER BY seq";
const DROP_CHECKPOINTS: &str =
    "DELETE FROM graph_checkpoints WHERE thread_id = $1 AND seq BETWEEN $2 AND $3";
const DROP_RECORDS: &str =
    "DELETE FROM graph_records WHERE thread_id = $1 AND base BETWEEN $2 AND $3";
const SNAPSHOT: &str =
    "UPDATE graph_checkpoints SET snapshot = $3 WHERE thread_id = $1 AND seq = $2";
const EPOCH: &str = "UPDATE graph_threads SET epoch = $2 WHERE id = $1";

impl Checkpoints {
    pub(super) async fn prune_thread(
        &self,
        lease: Lease,
        before: Seq,
        snapshot: String,
    ) -> Answer<()> {
        let workspace = self.workspace;
        self.store
            .write(self.within(), (lease, snapshot), move |tx, (lease, snapshot)| {
                Box::pin(prune(tx, workspace, lease, to_i64(before), snapshot))
            })
            .await
    }
}

async fn prune(tx: &Tx, workspace: Uuid, lease: &Lease, before: i64, snapshot: &str) -> Answer<()> {
    let found = thread::find_and_lock(tx, workspace, &lease.thread).await?;
    if let Err(refusal) = thread::not_fenced(found.as_ref(), lease) {
        return Ok(Err(refusal));
    }
    let missing = || Refusal::Missing { thread: lease.thread.clone(), seq: to_u64(before) };
    let Some((id, head)) = found.and_then(|it| Some((it.id, it.head?.seq))) else {
        return Ok(Err(missing()));
    };
    let parents = parents(tx, id, before).await?;
    let (kept, dropped) = split(&parents, before);
    if !kept.contains(&to_i64(head)) {
        return Ok(Err(missing()));
    }
    let older = std::iter::once((0, before - 1));
    for (first, last) in older.chain(dropped) {
        run(tx, DROP_CHECKPOINTS, [id.into(), first.into(), last.into()]).await?;
        run(tx, DROP_RECORDS, [id.into(), first.into(), last.into()]).await?;
    }
    run(tx, SNAPSHOT, [id.into(), before.into(), snapshot.into()]).await?;
    run(tx, EPOCH, [id.into(), to_i64(lease.epoch).into()]).await?;
    Ok(Ok(()))
}

/// The numbers of the checkpoints from `from` on, in order, each with its parent's.
async fn parents(tx: &Tx, id: i64, from: i64) -> Result<Vec<(i64, Option<i64>)>> {
    let values = [id.into(), from.into()];
    let query = Statement::from_sql_and_values(tx.get_database_backend(), PARENTS, values);
    let rows = tx.query_all_raw(query).await?;
    rows.iter().map(|row| Ok((row.try_get("", "seq")?, row.try_get("", "parent")?))).collect()
}

/// Which of these checkpoints stay, since `before` leads to them, and from where to where go the
/// others.
fn split(parents: &[(i64, Option<i64>)], before: i64) -> (HashSet<i64>, Vec<(i64, i64)>) {
    let mut kept = HashSet::new();
    let mut dropped: Vec<(i64, i64)> = Vec::new();
    for (seq, parent) in parents.iter().copied() {
        if seq == before || parent.is_some_and(|parent| kept.contains(&parent)) {
            kept.insert(seq);
            continue;
        }
        match dropped.last_mut() {
            Some((_, last)) if *last == seq - 1 => *last = seq,
            _ => dropped.push((seq, seq)),
        }
    }
    (kept, dropped)
}

async fn run<const N: usize>(tx: &Tx, sql: &str, values: [Value; N]) -> Result<()> {
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    tx.execute_raw(statement).await?;
    Ok(())
}
