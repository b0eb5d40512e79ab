//! The run log: written in batches, read after a cursor.

use sea_orm::{
    ActiveValue, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Statement,
};
use vpaura_domain::{RunEvent, RunId, Scope, WorkspaceId};

use crate::codec::{self, to_i64};
use crate::db::Tx;
use crate::entities::run_event::{ActiveModel, Column, Entity};
use crate::error::{Result, StoreError};
use crate::store::Store;
use crate::writes::Writes;

/// Appends a batch and moves the run on, if this take owns the run and the batch is new: in one
/// trip, and without a row changed otherwise.
const APPEND_POSTGRES: &str = "
WITH advanced AS (
    UPDATE runs SET last_seq = $5
    WHERE id = $1 AND workspace_id = $2 AND epoch = $3 AND status = 'running' AND last_seq < $4
    RETURNING id
)
INSERT INTO run_events (run_id, workspace_id, epoch, first_seq, last_seq, events)
SELECT id, $2, $3, $4, $5, $6 FROM advanced";

const APPEND_SQLITE: &str = "
INSERT INTO run_events (run_id, workspace_id, epoch, first_seq, last_seq, events)
SELECT id, $2, $3, $4, $5, $6 FROM runs
WHERE id = $1 AND workspace_id = $2 AND epoch = $3 AND status = 'running' AND last_seq < $4;
UPDATE runs SET last_seq = $5
WHERE id = $1 AND workspace_id = $2 AND epoch = $3 AND status = 'running' AND last_seq < $4;";

impl Store {
    /// Appends a batch of a running run's events, in order, as one row. Fenced: only the take
    /// that owns the run may write ([`StoreError::Fenced`]). Safe to repeat. Nobody waits for it,
    /// so it is not synced by itself on SQLite: the run's end is, and lease renewals are.
    pub async fn append_events(
        &self,
        workspace: WorkspaceId,
        run_id: RunId,
        epoch: u32,
        events: &[RunEvent],
    ) -> Result<()> {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(()) };
        let (first, last) = (to_i64(first.seq), to_i64(last.seq));
        let epoch = i64::from(epoch);
        let text = codec::to_text(events, "run_events.events")?;
        self.write_unsynced(
            workspace,
            (workspace, run_id, text),
            move |tx, (workspace, run_id, text)| {
                Box::pin(async move {
                    if append(tx, *workspace, *run_id, epoch, (first, last), text).await? {
                        return Ok(());
                    }
                    let ours = Entity::find_by_id((run_id.uuid(), first))
                        .filter(Column::WorkspaceId.eq(workspace.uuid()))
                        .filter(Column::Epoch.eq(epoch))
                        .filter(Column::LastSeq.eq(last))
                        .one(tx)
                        .await?;
                    ours.map(|_| ()).ok_or(StoreError::Fenced)
                })
            },
        )
        .await
    }

    /// The run's events with a number above `after`, in order, of at most `max_batches` batches;
    /// none when the run is not visible. To go on, ask after the last one's number.
    pub async fn run_events(
        &self,
        scope: &Scope,
        id: RunId,
        after: u64,
        max_batches: u32,
    ) -> Result<Vec<RunEvent>> {
        if self.get_run(scope, id).await?.is_none() {
            return Ok(Vec::new());
        }
        self.read(scope, |db| async move {
            let batches: Vec<String> = Entity::find()
                .select_only()
                .column(Column::Events)
                .filter(Column::RunId.eq(id.uuid()))
                .filter(Column::LastSeq.gt(to_i64(after)))
                .order_by_asc(Column::FirstSeq)
                .limit(u64::from(max_batches))
                .into_tuple()
                .all(&db)
                .await?;
            let mut events = Vec::new();
            for batch in batches {
                let batch: Vec<RunEvent> = codec::from_text(&batch, "run_events.events")?;
                events.extend(batch.into_iter().filter(|event| event.seq > after));
            }
            Ok(events)
        })
        .await
    }
}

/// Appends a batch as above; whether it did.
async fn append(
    tx: &Tx,
    workspace: WorkspaceId,
    run_id: RunId,
    epoch: i64,
    (first, last): (i64, i64),
    text: &str,
) -> Result<bool> {
    let backend = tx.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => APPEND_POSTGRES,
        _ => APPEND_SQLITE,
    };
    let values = [
        run_id.uuid().into(),
        workspace.uuid().into(),
        epoch.into(),
        first.into(),
        last.into(),
        text.into(),
    ];
    let append = Statement::from_sql_and_values(backend, sql, values);
    Ok(tx.execute_raw(append).await?.rows_affected() > 0)
}

/// Inserts a batch; `text` is the JSON of its events, `first` and `last` their numbers.
pub(super) async fn insert(
    writes: &mut Writes<'_>,
    workspace: WorkspaceId,
    run_id: RunId,
    epoch: i64,
    (first, last): (i64, i64),
    text: String,
) -> Result<()> {
    let row = ActiveModel {
        run_id: ActiveValue::Set(run_id.uuid()),
        first_seq: ActiveValue::Set(first),
        last_seq: ActiveValue::Set(last),
        workspace_id: ActiveValue::Set(workspace.uuid()),
        epoch: ActiveValue::Set(epoch),
        events: ActiveValue::Set(text),
    };
    writes.add(&Entity::insert(row).into_query()).await
}
