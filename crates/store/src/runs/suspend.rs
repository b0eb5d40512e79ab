//! Sets a run aside until somebody answers its questions: one transaction stores the last events
//! and lets the lease go.

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryTrait,
};
use uuid::Uuid;
use vpaura_domain::{Run, RunStatus};

use super::{SuspendRun, events, row};
use crate::codec::{self, Word, to_i64};
use crate::conversations;
use crate::db::Tx;
use crate::entities::conversation;
use crate::entities::run::{Column, Entity};
use crate::error::{Result, StoreError};
use crate::store::Store;
use crate::writes::Writes;

impl Store {
    /// Makes the run `interrupted` and answers it as it is then. It holds no lease, so nobody
    /// takes it over; [`claim_interrupted`](Self::claim_interrupted) does. Its conversation counts
    /// as changed, so that it is listed first. Fenced like
    /// [`append_events`](Self::append_events). Safe to repeat.
    ///
    /// A stop that was asked for meanwhile does not hinder it: see `cancel_requested` of what is
    /// answered.
    pub async fn suspend_run(&self, suspend: SuspendRun) -> Result<Run> {
        self.write(suspend.workspace_id, suspend, |tx, suspend| Box::pin(set_aside(tx, suspend)))
            .await
    }
}

async fn set_aside(tx: &Tx, suspend: &SuspendRun) -> Result<Run> {
    conversations::lock_of_run(tx, suspend.run_id).await?;
    let Some(run) = interrupt(tx, suspend).await? else {
        return interrupted_before(tx, suspend).await;
    };
    let mut writes = Writes::on(tx);
    let changed = conversation::Entity::update_many()
        .col_expr(conversation::Column::UpdatedAt, Expr::val(suspend.now.millis()))
        .filter(conversation::Column::Id.eq(run.conversation_id.uuid()));
    writes.add(&changed.into_query()).await?;
    if let (Some(first), Some(last)) = (suspend.events.first(), suspend.events.last()) {
        let text = codec::to_text(&suspend.events, "run_events.events")?;
        let span = (to_i64(first.seq), to_i64(last.seq));
        let (workspace, epoch) = (suspend.workspace_id, i64::from(suspend.epoch));
        events::insert(&mut writes, workspace, suspend.run_id, epoch, span, text).await?;
    }
    writes.send().await?;
    Ok(run)
}

/// Changes the run's row, if this take owns it; the run as it is then.
async fn interrupt(tx: &Tx, suspend: &SuspendRun) -> Result<Option<Run>> {
    let mut interrupt = Query::update();
    interrupt
        .table(Entity)
        .value(Column::Status, RunStatus::Interrupted.word())
        .value(Column::Usage, codec::to_json(&suspend.usage, "runs.usage")?)
        .value(Column::LeaseOwner, Uuid::nil())
        .value(Column::LeaseUntil, 0_i64)
        .and_where(Column::Id.eq(suspend.run_id.uuid()))
        .and_where(Column::WorkspaceId.eq(suspend.workspace_id.uuid()))
        .and_where(Column::Epoch.eq(i64::from(suspend.epoch)))
        .and_where(row::has_status(RunStatus::Running))
        .returning(Query::returning().exprs(row::COLUMNS.map(Expr::col)));
    if let Some(last) = suspend.events.last() {
        interrupt.value(Column::LastSeq, to_i64(last.seq));
    }
    let changed = tx.query_one(&interrupt).await?;
    changed.map(|row| Run::try_from(row::Row::from_query_result(&row, "")?)).transpose()
}

/// The run, if this very take had suspended it before.
async fn interrupted_before(tx: &Tx, suspend: &SuspendRun) -> Result<Run> {
    let run = row::by_id(tx, suspend.workspace_id, suspend.run_id).await?;
    let run = Run::try_from(run.ok_or(StoreError::Fenced)?)?;
    let same = run.status == RunStatus::Interrupted
        && run.epoch == suspend.epoch
        && suspend.events.last().is_none_or(|last| last.seq == run.last_seq);
    if same { Ok(run) } else { Err(StoreError::Fenced) }
}
