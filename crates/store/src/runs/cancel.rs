//! Asks a run to stop. One that waits in the queue ends at once.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use vpaura_domain::{
    Message, MessageStatus, Role, Run, RunEvent, RunEventKind, RunId, RunStatus, Scope, Timestamp,
};

use super::{answer, events, row};
use crate::budgets::{self, Spend};
use crate::codec::{self, Word, to_i64};
use crate::db::Tx;
use crate::entities::run::{Column, Entity};
use crate::error::Result;
use crate::store::Store;
use crate::writes::Writes;
use crate::{conversations, visible};

impl Store {
    /// Asks the run to stop and answers it as it is then; `None` when it is not visible. A
    /// running one learns it with its next lease renewal; an interrupted one is only marked, for
    /// whoever [claims](Self::claim_interrupted) it. A queued one becomes `cancelled`, with a
    /// `run_cancelled` event and an empty answer in its place. Safe to repeat.
    pub async fn request_cancel(
        &self,
        scope: &Scope,
        id: RunId,
        now: Timestamp,
    ) -> Result<Option<Run>> {
        self.write(scope, (*scope, id, now), |tx, (scope, id, now)| {
            Box::pin(cancel(tx, scope, *id, *now))
        })
        .await
    }
}

async fn cancel(tx: &Tx, scope: &Scope, id: RunId, now: Timestamp) -> Result<Option<Run>> {
    let Some(run) = visible_run(tx, scope, id).await? else { return Ok(None) };
    conversations::lock(tx, run.conversation_id).await?;
    // Read again: only now can nobody else change it.
    let Some(run) = visible_run(tx, scope, id).await? else { return Ok(None) };
    match run.status {
        RunStatus::Queued => end_queued(tx, scope, &run, now).await?,
        RunStatus::Running | RunStatus::Interrupted if !run.cancel_requested => {
            Entity::update_many()
                .col_expr(Column::CancelRequested, Expr::val(true))
                .filter(Column::Id.eq(id.uuid()))
                .filter(row::under_way())
                .exec(tx)
                .await?;
        }
        _ => return Ok(Some(run)),
    }
    visible_run(tx, scope, id).await
}

async fn visible_run(tx: &Tx, scope: &Scope, id: RunId) -> Result<Option<Run>> {
    let condition = Condition::all().add(visible::runs(scope)).add(Column::Id.eq(id.uuid()));
    row::first(tx, condition).await?.map(Run::try_from).transpose()
}

async fn end_queued(tx: &Tx, scope: &Scope, run: &Run, now: Timestamp) -> Result<()> {
    let seq = run.last_seq + 1;
    Entity::update_many()
        .col_expr(Column::Status, Expr::val(RunStatus::Cancelled.word()))
        .col_expr(Column::CancelRequested, Expr::val(true))
        .col_expr(Column::LastSeq, Expr::val(to_i64(seq)))
        .col_expr(Column::FinishedAt, Expr::val(now.millis()))
        .filter(Column::Id.eq(run.id.uuid()))
        .exec(tx)
        .await?;
    let kind = RunEventKind::RunCancelled;
    let event = RunEvent { run_id: run.id, seq, epoch: run.epoch, at: now, kind };
    let text = codec::to_text(&[event], "run_events.events")?;
    let span = (to_i64(seq), to_i64(seq));
    let epoch = i64::from(run.epoch);
    let mut writes = Writes::on(tx);
    events::insert(&mut writes, scope.workspace_id, run.id, epoch, span, text).await?;
    let empty = Message {
        id: run.message_id,
        conversation_id: run.conversation_id,
        parent_id: Some(run.user_message_id),
        run_id: Some(run.id),
        role: Role::Assistant,
        status: MessageStatus::Cancelled,
        parts: Vec::new(),
        model: Some(run.model.clone()),
        usage: None,
        error: None,
        created_at: now,
    };
    answer::store(&mut writes, scope.workspace_id, run, &empty, now).await?;
    writes.send().await?;
    budgets::settle(tx, scope.workspace_id, run.id, Spend::default()).await
}
