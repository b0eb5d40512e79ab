//! Stores records of the step in progress.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, Statement, sqlx};
use uuid::Uuid;
use vpaura_graph::store::{Lease, Record, Seq, StoreError as Refusal};

use super::{Answer, Checkpoints, thread};
use crate::codec::to_i64;
use crate::db::Tx;
use crate::error::Result;
use crate::postgres::Session;
use crate::retry::with_retries;

/// The lock keeps claims and commits away until the records are there, but not other records.
const POSTGRES: &str = "WITH held AS (
        SELECT id FROM graph_threads
        WHERE workspace_id = $1 AND name = $2 AND epoch = $3 AND COALESCE(head, 0) >= $4
        FOR SHARE
    ), stored AS (
        INSERT INTO graph_records (thread_id, workspace_id, base, path, slot, body)
        SELECT held.id, $1, r.base, r.path, r.slot, r.body
        FROM held, unnest($5::bigint[], $6::text[], $7::text[], $8::text[])
            AS r (base, path, slot, body)
        ON CONFLICT (thread_id, base, path, slot) DO UPDATE SET body = excluded.body
    )
    SELECT count(*) FROM held";

const SQLITE: &str = "INSERT INTO graph_records (thread_id, workspace_id, base, path, slot, body)
    VALUES ((SELECT id FROM graph_threads WHERE workspace_id = $1 AND name = $2),
        $1, $3, $4, $5, $6)
    ON CONFLICT (thread_id, base, path, slot) DO UPDATE SET body = excluded.body";

impl Checkpoints {
    pub(super) async fn put_records(&self, lease: &Lease, records: Vec<Record>) -> Answer<()> {
        let base = records.iter().map(|record| record.base).max().unwrap_or(0);
        match self.store.postgres() {
            Some(pool) => {
                let lists = Lists::of(&records);
                with_retries(|| async {
                    let session = pool.graph_session(self.within()).await?;
                    self.put_postgres(&session, lease, base, &lists).await
                })
                .await
            }
            None => {
                let workspace = self.workspace;
                self.store
                    .write(self.within(), (lease.clone(), records), move |tx, (lease, records)| {
                        Box::pin(put_sqlite(tx, workspace, lease, base, records))
                    })
                    .await
            }
        }
    }

    async fn put_postgres(
        &self,
        session: &Session,
        lease: &Lease,
        base: Seq,
        lists: &Lists<'_>,
    ) -> Answer<()> {
        if self.try_put(session, lease, base, lists).await? {
            return Ok(Ok(()));
        }
        // Refused, or the first write of a lease that was made by hand.
        let found = thread::find(session, self.workspace, &lease.thread).await?;
        if let Err(refusal) = thread::may_put(found.as_ref(), lease, base) {
            return Ok(Err(refusal));
        }
        let adopted = thread::adopt(session, self.workspace, lease).await?;
        if adopted && self.try_put(session, lease, base, lists).await? {
            return Ok(Ok(()));
        }
        // Somebody came between.
        Ok(Err(Refusal::Fenced { thread: lease.thread.clone() }))
    }

    async fn try_put(
        &self,
        session: &Session,
        lease: &Lease,
        base: Seq,
        lists: &Lists<'_>,
    ) -> Result<bool> {
        let query = sqlx::query_scalar(POSTGRES)
            .bind(self.workspace)
            .bind(lease.thread.as_str())
            .bind(to_i64(lease.epoch))
            .bind(to_i64(base))
            .bind(&lists.bases)
            .bind(&lists.paths)
            .bind(&lists.slots)
            .bind(&lists.bodies);
        let held: i64 = session.run(async |db| query.fetch_one(db).await).await?;
        Ok(held == 1)
    }
}

async fn put_sqlite(
    tx: &Tx,
    workspace: Uuid,
    lease: &Lease,
    base: Seq,
    records: &[Record],
) -> Answer<()> {
    let found = thread::find(tx, workspace, &lease.thread).await?;
    if let Err(refusal) = thread::may_put(found.as_ref(), lease, base) {
        return Ok(Err(refusal));
    }
    if found.is_none_or(|found| found.epoch != lease.epoch) {
        thread::adopt(tx, workspace, lease).await?;
    }
    for record in records {
        let values = [
            workspace.into(),
            lease.thread.as_str().into(),
            to_i64(record.base).into(),
            record.path.as_str().into(),
            record.slot.as_str().into(),
            record.body.as_str().into(),
        ];
        let put = Statement::from_sql_and_values(tx.get_database_backend(), SQLITE, values);
        tx.execute_raw(put).await?;
    }
    Ok(Ok(()))
}

/// Records by column, each place once: a statement cannot change a row twice.
#[derive(Default)]
struct Lists<'a> {
    bases: Vec<i64>,
    paths: Vec<&'a str>,
    slots: Vec<&'a str>,
    bodies: Vec<&'a str>,
}

impl<'a> Lists<'a> {
    fn of(records: &'a [Record]) -> Self {
        let mut lists = Self::default();
        let mut places = HashMap::with_capacity(records.len());
        for Record { base, path, slot, body } in records {
            let next = lists.bodies.len();
            let place = *places.entry((base, path, slot)).or_insert(next);
            if place < next {
                lists.bodies[place] = body;
                continue;
            }
            lists.bases.push(to_i64(*base));
            lists.paths.push(path);
            lists.slots.push(slot);
            lists.bodies.push(body);
        }
        lists
    }
}
