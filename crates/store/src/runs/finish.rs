//! Ends a run: one transaction stores the answer, the last events, the outcome and what
//! it consumed.

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, FromQueryResult};
use vpaura_domain::{Run, RunStatus};

use super::{FinishRun, answer, events, row};
use crate::budgets::{self, Spend};
use crate::codec::{self, Word, to_i64};
use crate::conversations;
use crate::db::Tx;
use crate::entities::run::{Column, Entity};
use crate::error::{Result, StoreError};
use crate::store::Store;
use crate::usage::{self, Consumed};
use crate::writes::Writes;

impl Store {
    /// Ends the run and answers it as it is then. Fenced like
    /// [`append_events`](Self::append_events). Safe to repeat: the same ending again succeeds,
    /// another one is [`StoreError::AlreadyFinished`].
    pub async fn finish_run(&self, finish: FinishRun) -> Result<Run> {
        self.write(finish.workspace_id, finish, |tx, finish| Box::pin(end(tx, finish))).await
    }
}

async fn end(tx: &Tx, finish: &FinishRun) -> Result<Run> {
    conversations::lock_of_run(tx, finish.run_id).await?;
    let Some(run) = close(tx, finish).await? else { return ended_before(tx, finish).await };
    let mut writes = Writes::on(tx);
    if let (Some(first), Some(last)) = (finish.events.first(), finish.events.last()) {
        let text = codec::to_text(&finish.events, "run_events.events")?;
        let span = (to_i64(first.seq), to_i64(last.seq));
        let (workspace, epoch) = (finish.workspace_id, i64::from(finish.epoch));
        events::insert(&mut writes, workspace, finish.run_id, epoch, span, text).await?;
    }
    let consumed = Consumed {
        workspace: finish.workspace_id,
        run: &run,
        user_id: finish.asked_by,
        model: finish.message.as_ref().and_then(|it| it.model.as_deref()).unwrap_or(&run.model),
        usage: finish.usage,
        now: finish.now,
    };
    usage::add(&mut writes, &consumed).await?;
    if let Some(message) = &finish.message {
        answer::store(&mut writes, finish.workspace_id, &run, message, finish.now).await?;
    }
    writes.send().await?;
    if finish.has_reserved {
        let took = Spend::of(&finish.usage);
        budgets::settle(tx, finish.workspace_id, finish.run_id, took).await?;
    }
    Ok(run)
}

/// Closes the run's row, if this take owns it; the run as it is then.
async fn close(tx: &Tx, finish: &FinishRun) -> Result<Option<Run>> {
    let error = finish.error.as_ref();
    let error = error.map(|error| codec::to_text(error, "runs.error")).transpose()?;
    let mut close = Query::update();
    close
        .table(Entity)
        .value(Column::Status, finish.status.word())
        .value(Column::Usage, codec::to_json(&finish.usage, "runs.usage")?)
        .value(Column::Error, error)
        .value(Column::FinishedAt, finish.now.millis())
        .and_where(Column::Id.eq(finish.run_id.uuid()))
        .and_where(Column::WorkspaceId.eq(finish.workspace_id.uuid()))
        .and_where(Column::Epoch.eq(i64::from(finish.epoch)))
        .and_where(row::has_status(RunStatus::Running))
        .returning(Query::returning().exprs(row::COLUMNS.map(Expr::col)));
    if let Some(last) = finish.events.last() {
        close.value(Column::LastSeq, to_i64(last.seq));
    }
    let closed = tx.query_one(&close).await?;
    closed.map(|row| Run::try_from(row::Row::from_query_result(&row, "")?)).transpose()
}

/// What there is to say when the run could not be closed: that it has ended just so before, or
/// that it is another's.
async fn ended_before(tx: &Tx, finish: &FinishRun) -> Result<Run> {
    let run = row::by_id(tx, finish.workspace_id, finish.run_id).await?;
    let run = Run::try_from(run.ok_or(StoreError::Fenced)?)?;
    let same = run.status == finish.status
        && run.epoch == finish.epoch
        && finish.events.last().is_none_or(|last| last.seq == run.last_seq)
        && run.usage == finish.usage;
    match (run.status.is_terminal(), same) {
        (true, true) => Ok(run),
        (true, false) => Err(StoreError::AlreadyFinished(Box::new(run))),
        (false, _) => Err(StoreError::Fenced),
    }
}
