//! A run that waits for answers: takes them in, and takes the run up again.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use serde_json::Value;
use uuid::Uuid;
use vpaura_domain::{Run, RunId, RunStatus, Scope, Timestamp};

use super::claim::claimed;
use super::{Claimed, row};
use crate::codec::{self, Word};
use crate::db::Tx;
use crate::entities::run::{Column, Entity};
use crate::error::Result;
use crate::moment::Moment;
use crate::store::Store;
use crate::{conversations, visible};

/// How a run is taken up.
struct TakeUp {
    scope: Scope,
    run_id: RunId,
    epoch: u32,
    /// The text of the new request.
    request: Option<String>,
    owner: Uuid,
    until: Moment,
}

impl Store {
    /// Makes an `interrupted` run `running` under the next epoch, and replaces what it was started
    /// with when a `request` is given. `epoch` is the one that the caller saw: `None` when the run
    /// has gone on since, does not wait, or is not visible. Of several callers one gets it.
    ///
    /// When the outcome of the commit was lost with the connection the answer may be `None` too,
    /// although the run was claimed: it is then taken over when its lease runs out.
    pub async fn claim_interrupted(
        &self,
        scope: &Scope,
        (run_id, epoch): (RunId, u32),
        request: Option<&Value>,
        owner: Uuid,
        until: Timestamp,
    ) -> Result<Option<Claimed>> {
        let request = request.map(|it| codec::to_text(it, "runs.request")).transpose()?;
        let until = self.as_long_as_until(until);
        let take = TakeUp { scope: *scope, run_id, epoch, request, owner, until };
        self.write(scope, take, |tx, take| Box::pin(take_up(tx, take))).await
    }

    /// Replaces what an `interrupted` run was started with; it goes on waiting. The epoch rises, so
    /// that of two who saw the same one has to look again: `None` as for
    /// [`claim_interrupted`](Self::claim_interrupted).
    pub async fn answer_interrupted(
        &self,
        scope: &Scope,
        (run_id, epoch): (RunId, u32),
        request: &Value,
    ) -> Result<Option<Run>> {
        let request = codec::to_text(request, "runs.request")?;
        let answers = Note { scope: *scope, run_id, epoch, request };
        self.write(scope, answers, |tx, answers| Box::pin(note(tx, answers))).await
    }
}

/// Answers that do not suffice yet.
struct Note {
    scope: Scope,
    run_id: RunId,
    epoch: u32,
    request: String,
}

async fn note(tx: &Tx, note: &Note) -> Result<Option<Run>> {
    let visible =
        Condition::all().add(visible::runs(&note.scope)).add(Column::Id.eq(note.run_id.uuid()));
    if row::first(tx, visible.clone()).await?.is_none() {
        return Ok(None);
    }
    let noted = Entity::update_many()
        .col_expr(Column::Epoch, Expr::col(Column::Epoch).add(1))
        .col_expr(Column::Request, Expr::val(note.request.as_str()))
        .filter(Column::Id.eq(note.run_id.uuid()))
        .filter(Column::Epoch.eq(i64::from(note.epoch)))
        .filter(row::has_status(RunStatus::Interrupted))
        .exec(tx)
        .await?;
    if noted.rows_affected == 0 {
        return Ok(None);
    }
    row::first(tx, visible).await?.map(Run::try_from).transpose()
}

async fn take_up(tx: &Tx, take: &TakeUp) -> Result<Option<Claimed>> {
    let visible =
        Condition::all().add(visible::runs(&take.scope)).add(Column::Id.eq(take.run_id.uuid()));
    let Some(seen) = row::first(tx, visible).await? else { return Ok(None) };
    let seen = Run::try_from(seen)?;
    conversations::lock(tx, seen.conversation_id).await?;
    let mut taken = Entity::update_many()
        .col_expr(Column::Status, Expr::val(RunStatus::Running.word()))
        .col_expr(Column::Epoch, Expr::col(Column::Epoch).add(1))
        .col_expr(Column::LeaseOwner, Expr::val(take.owner))
        .col_expr(Column::LeaseUntil, take.until.expr())
        .filter(Column::Id.eq(take.run_id.uuid()))
        .filter(Column::Epoch.eq(i64::from(take.epoch)))
        .filter(row::has_status(RunStatus::Interrupted));
    if let Some(request) = &take.request {
        taken = taken.col_expr(Column::Request, Expr::val(request.as_str()));
    }
    if taken.exec(tx).await?.rows_affected == 0 {
        return Ok(None);
    }
    claimed(tx, take.run_id.uuid()).await
}
