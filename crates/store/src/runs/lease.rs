//! Leases: which server executes a run, and until when that is beyond doubt.

use std::collections::HashMap;

use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, ConnectionTrait};
use uuid::Uuid;
use vpaura_domain::{RunId, RunStatus, Timestamp};

use super::RunLease;
use crate::codec::Word;
use crate::entities::run::{Column, Entity};
use crate::error::Result;
use crate::store::Store;
use crate::within::Within;

/// Runs per statement: far below either database's limit of parameters.
const RUNS: usize = 1000;

impl Store {
    /// Keeps this server's leases of these runs as long as it is until `until`, and tells which are
    /// lost and where a stop was asked for. One statement for up to 1,000 runs.
    pub async fn renew_leases(
        &self,
        owner: Uuid,
        ids: &[RunId],
        until: Timestamp,
    ) -> Result<Vec<RunLease>> {
        let until = self.as_long_as_until(until);
        let mut held = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(RUNS) {
            let input = (owner, chunk.to_vec(), until.clone());
            let renewed = self
                .write(Within::Installation, input, |tx, (owner, ids, until)| {
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
