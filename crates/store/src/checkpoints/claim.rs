//! Leases: claim, renew, release.
//!
//! On SQLite none of them waits for the disk: what a loss of power undoes of a lease, it undoes
//! together with the process that held it.

use std::time::Duration;

use sea_orm::{ConnectionTrait, QueryResult, Statement, Value, sqlx};
use vpaura_graph::ThreadId;
use vpaura_graph::store::{Claim, Lease, StoreError as Refusal};

use super::{Answer, Checkpoints, thread};
use crate::codec::{to_i64, to_u64};
use crate::error::Result;
use crate::moment::postgres_now;
use crate::postgres::Postgres;
use crate::retry::with_retries;

/// The longest lease: as good as for ever.
const LONGEST: Duration = Duration::from_secs(3650 * 24 * 3600);

/// $3 an outer epoch, $4 whether to steal, $5 how long.
macro_rules! claim {
    ($now:expr) => {
        concat!(
            "INSERT INTO graph_threads
                (workspace_id, name, epoch, lease_until, branch, last_branch)
            VALUES ($1, $2, COALESCE($3, 1), ",
            $now,
            " + $5, 0, 0)
            ON CONFLICT (workspace_id, name) DO UPDATE SET
                epoch = COALESCE($3, graph_threads.epoch + 1),
                lease_until = excluded.lease_until
            WHERE CASE WHEN $3 IS NULL
                THEN $4 OR graph_threads.lease_until <= ",
            $now,
            " ELSE graph_threads.epoch <= $3 END
            RETURNING epoch, head, branch, last_branch"
        )
    };
}

/// $3 the epoch, $4 how long.
macro_rules! renew {
    ($now:expr) => {
        concat!(
            "INSERT INTO graph_threads
                (workspace_id, name, epoch, lease_until, branch, last_branch)
            VALUES ($1, $2, $3, ",
            $now,
            " + $4, 0, 0)
            ON CONFLICT (workspace_id, name) DO UPDATE SET
                epoch = excluded.epoch, lease_until = excluded.lease_until
            WHERE graph_threads.epoch <= excluded.epoch
            RETURNING id"
        )
    };
}

const CLAIM_SQLITE: &str = claim!("$6");
const CLAIM_POSTGRES: &str = claim!(postgres_now!());
const RENEW_SQLITE: &str = renew!("$5");
const RENEW_POSTGRES: &str = renew!(postgres_now!());

const RELEASE: &str = "UPDATE graph_threads SET lease_until = 0
    WHERE workspace_id = $1 AND name = $2 AND epoch = $3";

impl Checkpoints {
    /// Not repeated when the connection is lost: a claim that was made after all is another's to
    /// the one that repeats it.
    pub(super) async fn claim_thread(&self, name: &ThreadId, claim: Claim) -> Answer<Lease> {
        let epoch = claim.epoch.map(to_i64);
        let (steal, ttl) = (claim.steal, millis(claim.ttl));
        let claimed = match self.store.postgres() {
            Some(pool) => {
                let claim = sqlx::query(CLAIM_POSTGRES)
                    .bind(self.workspace)
                    .bind(name.as_str())
                    .bind(epoch)
                    .bind(steal)
                    .bind(ttl);
                let session = pool.graph_session(self.within()).await?;
                let row = session.run(async |db| claim.fetch_optional(db).await).await?;
                row.map(QueryResult::from)
            }
            None => {
                let now = self.store.now().millis();
                let place = [self.workspace.into(), name.as_str().into()];
                let values = [epoch.into(), steal.into(), ttl.into(), now.into()];
                self.write_lease(CLAIM_SQLITE, place.into_iter().chain(values).collect()).await?
            }
        };
        let Some(row) = claimed else {
            let thread = name.clone();
            return Ok(Err(match claim.epoch {
                Some(_) => Refusal::Fenced { thread },
                None => Refusal::Busy { thread },
            }));
        };
        let epoch = to_u64(row.try_get("", "epoch")?);
        Ok(Ok(Lease { thread: name.clone(), epoch, head: thread::head(&row)? }))
    }

    pub(super) async fn renew_lease(&self, lease: &Lease, ttl: Duration) -> Answer<()> {
        let ttl = millis(ttl);
        let renewed = match self.store.postgres() {
            Some(pool) => self.change_lease(pool, RENEW_POSTGRES, lease, Some(ttl)).await?,
            None => {
                let mut values = self.of_lease(lease);
                values.extend([ttl.into(), self.store.now().millis().into()]);
                self.write_lease(RENEW_SQLITE, values).await?.is_some()
            }
        };
        let thread = lease.thread.clone();
        Ok(if renewed { Ok(()) } else { Err(Refusal::Fenced { thread }) })
    }

    pub(super) async fn release_lease(&self, lease: &Lease) -> Result<()> {
        match self.store.postgres() {
            Some(pool) => {
                self.change_lease(pool, RELEASE, lease, None).await?;
            }
            None => {
                self.write_lease(RELEASE, self.of_lease(lease)).await?;
            }
        }
        Ok(())
    }

    /// Whether the lease was still there to be changed.
    async fn change_lease(
        &self,
        pool: &Postgres,
        sql: &'static str,
        lease: &Lease,
        ttl: Option<i64>,
    ) -> Result<bool> {
        with_retries(|| async {
            let change = sqlx::query(sql)
                .bind(self.workspace)
                .bind(lease.thread.as_str())
                .bind(to_i64(lease.epoch));
            let change = if ttl.is_some() { change.bind(ttl) } else { change };
            let session = pool.graph_session(self.within()).await?;
            let changed = session.run(async |db| change.execute(db).await).await?;
            Ok(changed.rows_affected() > 0)
        })
        .await
    }

    fn of_lease(&self, lease: &Lease) -> Vec<Value> {
        let name = lease.thread.as_str();
        vec![self.workspace.into(), name.into(), to_i64(lease.epoch).into()]
    }

    async fn write_lease(
        &self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<QueryResult>> {
        self.store
            .write_unsynced(self.within(), values, move |tx, values| {
                Box::pin(async move {
                    let backend = tx.get_database_backend();
                    let write = Statement::from_sql_and_values(backend, sql, values.clone());
                    Ok(tx.query_all_raw(write).await?.into_iter().next())
                })
            })
            .await
    }
}

fn millis(ttl: Duration) -> i64 {
    i64::try_from(ttl.min(LONGEST).as_millis()).unwrap_or(i64::MAX)
}
