//! A commit on PostgreSQL: one statement, so one round trip, all of which hangs on the move of the
//! head. Whether it moves is decided under the lock on the thread's row.

use std::sync::atomic::{AtomicBool, Ordering};

use sea_orm::sqlx;
use vpaura_graph::store::{Commit, Lease, StoreError as Refusal};

use super::{Answer, Plan};
use crate::checkpoints::{Checkpoints, thread};
use crate::codec::{to_i64, to_u64};
use crate::error::Result;
use crate::postgres::{Postgres, Session};
use crate::retry::with_retries;

/// `$head` moves the head. $3 is the epoch, $4 the new head, $5 its branch, $6 the highest branch
/// of the commit, $7 and $8 say what becomes of the records, from $9 on come the checkpoints by
/// column.
macro_rules! commit {
    ($head:literal) => {
        concat!(
            "WITH moved AS (",
            $head,
            " RETURNING id
            ), added AS (
                INSERT INTO graph_checkpoints (thread_id, seq, workspace_id, branch, parent,
                    source, step, created_at, body, snapshot)
                SELECT moved.id, c.seq, $1, c.branch, c.parent,
                    c.source, c.step, $9, c.body, c.snapshot
                FROM moved, unnest($10::bigint[], $11::bigint[], $12::bigint[], $13::text[],
                    $14::bigint[], $15::text[], $16::text[])
                    AS c (seq, branch, parent, source, step, body, snapshot)
            ), cleared AS (
                DELETE FROM graph_records AS r USING moved
                WHERE r.thread_id = moved.id AND r.base <= $7
            ), carried AS (
                UPDATE graph_records AS r SET base = $4 FROM moved
                WHERE r.thread_id = moved.id AND r.base = $8
            )
            SELECT count(*) FROM moved"
        )
    };
}

/// For a thread without a head, or one that is not there.
const FIRST: &str = commit!(
    "INSERT INTO graph_threads
        (workspace_id, name, epoch, lease_until, head, branch, last_branch)
    VALUES ($1, $2, $3, 0, $4, $5, $6)
    ON CONFLICT (workspace_id, name) DO UPDATE SET epoch = excluded.epoch,
        head = excluded.head, branch = excluded.branch, last_branch = excluded.last_branch
    WHERE graph_threads.epoch <= excluded.epoch AND graph_threads.head IS NULL"
);

/// For a thread with a head: $17 is the expected one, $18 where a fork begins.
const NEXT: &str = commit!(
    "UPDATE graph_threads SET epoch = $3, head = $4, branch = $5,
        last_branch = GREATEST(last_branch, $6)
    WHERE workspace_id = $1 AND name = $2 AND epoch <= $3 AND head = $17
        AND ($18 IS NULL OR EXISTS (SELECT 1 FROM graph_checkpoints AS c
            WHERE c.thread_id = graph_threads.id AND c.seq = $18))"
);

/// The body of the head, if this epoch wrote it.
const OURS: &str = "SELECT c.body FROM graph_threads AS t
    JOIN graph_checkpoints AS c ON c.thread_id = t.id AND c.seq = t.head
    WHERE t.workspace_id = $1 AND t.name = $2 AND t.epoch = $3 AND t.head = $4";

impl Checkpoints {
    pub(super) async fn commit_postgres(
        &self,
        pool: &Postgres,
        lease: &Lease,
        commit: &Commit,
        plan: &Plan,
    ) -> Answer<()> {
        let repeated = AtomicBool::new(false);
        with_retries(|| async {
            let may_be_done = repeated.swap(true, Ordering::Relaxed);
            let session = pool.graph_session(self.within()).await?;
            if self.move_head(&session, lease, commit, plan).await?
                || may_be_done && self.is_done(&session, lease, commit, plan).await?
            {
                return Ok(Ok(()));
            }
            let found = thread::find(&session, self.workspace, &lease.thread).await?;
            let refusal = thread::may_commit(found.as_ref(), lease, commit).err();
            let thread = lease.thread.clone();
            Ok(Err(match (refusal, plan.fork_of) {
                (Some(refusal), _) => refusal,
                (None, Some(from)) => Refusal::Missing { thread, seq: to_u64(from) },
                // Somebody came between, and went.
                (None, None) => Refusal::Moved { thread },
            }))
        })
        .await
    }

    async fn move_head(
        &self,
        session: &Session,
        lease: &Lease,
        commit: &Commit,
        plan: &Plan,
    ) -> Result<bool> {
        let checkpoints = &commit.checkpoints;
        let numbers = |of: fn(&_) -> i64| checkpoints.iter().map(of).collect::<Vec<_>>();
        let sql = if plan.expected.is_some() { NEXT } else { FIRST };
        let mut query = sqlx::query_scalar(sql)
            .bind(self.workspace)
            .bind(lease.thread.as_str())
            .bind(plan.epoch)
            .bind(plan.head)
            .bind(plan.branch)
            .bind(plan.last_branch)
            .bind(plan.clear)
            .bind(plan.carry)
            .bind(self.store.now().millis())
            .bind(numbers(|it: &vpaura_graph::store::Checkpoint| to_i64(it.seq)))
            .bind(numbers(|it| it.branch.into()))
            .bind(checkpoints.iter().map(|it| it.parent.map(to_i64)).collect::<Vec<_>>())
            .bind(checkpoints.iter().map(|it| it.source.as_str()).collect::<Vec<_>>())
            .bind(numbers(|it| it.step.into()))
            .bind(checkpoints.iter().map(|it| it.body.as_str()).collect::<Vec<_>>())
            .bind(checkpoints.iter().map(|it| it.snapshot.as_deref()).collect::<Vec<_>>());
        if plan.expected.is_some() {
            query = query.bind(plan.expected).bind(plan.fork_of);
        }
        let moved: i64 = session.run(async |db| query.fetch_one(db).await).await?;
        Ok(moved == 1)
    }

    /// Whether this very commit is stored already: its answer was lost with the connection.
    async fn is_done(
        &self,
        session: &Session,
        lease: &Lease,
        commit: &Commit,
        plan: &Plan,
    ) -> Result<bool> {
        let query = sqlx::query_scalar(OURS)
            .bind(self.workspace)
            .bind(lease.thread.as_str())
            .bind(plan.epoch)
            .bind(plan.head);
        let body: Option<String> = session.run(async |db| query.fetch_optional(db).await).await?;
        Ok(body.is_some() && body.as_ref() == commit.checkpoints.last().map(|last| &last.body))
    }
}
