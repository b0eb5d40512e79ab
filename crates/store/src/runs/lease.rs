//! Leases: which server executes a run, and until when that is beyond doubt.
//!
//! On PostgreSQL several servers compare moments, so only the database's clock counts: the
//! caller's moment becomes a duration from now. On SQLite there is one process, and its clock.

use std::collections::HashMap;
use std::time::Duration;

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, ConnectionTrait};
use uuid::Uuid;
use vpaura_domain::{RunId, RunStatus, Timestamp};

use super::RunLease;
use crate::Backend;
use crate::codec::Word;
use crate::entities::run::{Column, Entity};
use crate::error::Result;
use crate::store::Store;
use crate::within::Within;

/// Runs per statement: far below either database's limit of parameters.
const RUNS: usize = 1000;

/// A moment as the database that compares it must hear it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Moment {
    /// The caller's clock.
    At(Timestamp),
    /// The database's clock plus this.
    In(Duration),
}

impl Moment {
    /// As an expression of milliseconds since 1970.
    pub(crate) fn expr(self) -> Expr {
        match self {
            Self::At(at) => Expr::val(at.millis()),
            Self::In(_) => Expr::cust_with_values(
                "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) + $1",
                [self.value()],
            ),
        }
    }

    /// The same in SQL, where [`value`](Self::value) is the parameter `n`.
    pub(crate) fn sql(self, n: usize) -> String {
        match self {
            Self::At(_) => format!("${n}"),
            Self::In(_) => {
                format!("(CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) + ${n})")
            }
        }
    }

    /// The number in it.
    pub(crate) fn value(self) -> i64 {
        match self {
            Self::At(at) => at.millis(),
            Self::In(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
        }
    }
}

impl Store {
    /// A moment of the caller's clock, for comparisons in the database.
    pub(crate) fn moment(&self, at: Timestamp) -> Moment {
        match self.backend() {
            Backend::Sqlite => Moment::At(at),
            Backend::Postgres => Moment::In(at.since(self.now())),
        }
    }

    /// Keeps this server's leases of these runs as long as it is until `until`, and tells which are
    /// lost and where a stop was asked for. One statement for up to 1,000 runs.
    pub async fn renew_leases(
        &self,
        owner: Uuid,
        ids: &[RunId],
        until: Timestamp,
    ) -> Result<Vec<RunLease>> {
        let lasting = until.since(self.now());
        let mut held = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(RUNS) {
            let (input, store) = ((owner, chunk.to_vec()), self.clone());
            let renewed = self
                .write(Within::Installation, input, move |tx, (owner, ids)| {
                    // Whoever had to wait for the writer has no less of the lease.
                    let until = store.moment(store.now().plus(lasting));
                    Box::pin(async move {
                        let renew = Query::update()
                            .table(Entity)
                            .value(Column::LeaseUntil, until.expr())
                            .and_where(Column::Id.is_in(ids.iter().map(|id| id.uuid())))
                            .and_where(Column::LeaseOwner.eq(*owner))
                            .and_where(
                                Column::Status.is_in(
                                    [RunStatus::Running, RunStatus::Queued].map(|it| it.word()),
                                ),
                            )
                            .returning(
                                Query::returning().columns([Column::Id, Column::CancelRequested]),
                            )
                            .to_owned();
                        let rows = tx.query_all(&renew).await?;
                        rows.into_iter()
                            .map(|row| {
                                let id: Uuid = row.try_get("", "id")?;
                                let cancel: bool = row.try_get("", "cancel_requested")?;
                                Ok((RunId::from_uuid(id), cancel))
                            })
                            .collect::<Result<Vec<_>>>()
                    })
                })
                .await?;
            held.extend(renewed);
        }
        Ok(ids
            .iter()
            .map(|id| RunLease {
                run_id: *id,
                held: held.contains_key(id),
                cancel_requested: held.get(id).copied().unwrap_or(false),
            })
            .collect())
    }
}
