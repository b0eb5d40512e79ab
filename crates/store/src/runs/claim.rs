//! Takes over runs whose server is gone, and takes the next one from a conversation's queue.

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;
use vpaura_domain::{ConversationId, Run, RunStatus, Timestamp};

use super::{Claimed, row};
use crate::codec::{self, Word};
use crate::conversations;
use crate::db::{Db, Tx};
use crate::entities::run::{Column, Entity};
use crate::error::Result;
use crate::moment::Moment;
use crate::store::Store;
use crate::within::Within;

/// A run whose lease has run out.
#[derive(Debug, Clone, FromQueryResult)]
struct Orphan {
    id: Uuid,
    conversation_id: Uuid,
    status: String,
    epoch: i64,
}

/// Who takes it, and until when.
#[derive(Debug, Clone)]
struct Taker {
    owner: Uuid,
    now: Moment,
    until: Moment,
    started_at: Timestamp,
}

impl Store {
    /// Takes over at most `limit` runs whose lease has run out: running ones under the next
    /// epoch, queued ones when nothing is under way in their conversation. However many servers try at
    /// once, each run goes to one. Not bound to a workspace: this is the server's own doing.
    pub async fn claim_orphans(
        &self,
        owner: Uuid,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Claimed>> {
        let taker = self.taker(owner, until);
        let orphans = self
            .read(Within::Installation, |db| {
                let now = taker.now.clone();
                async move { orphans(&db, &now, limit).await }
            })
            .await?;
        let mut claimed = Vec::new();
        for orphan in orphans {
            let queued = orphan.status == RunStatus::Queued.word();
            let taken = self
                .write(Within::Installation, (orphan, taker.clone()), move |tx, (orphan, taker)| {
                    Box::pin(async move {
                        if queued {
                            let conversation = ConversationId::from_uuid(orphan.conversation_id);
                            take_queued(tx, conversation, taker, true).await
                        } else {
                            take_over(tx, orphan, taker).await
                        }
                    })
                })
                .await?;
            claimed.extend(taken);
        }
        Ok(claimed)
    }

    /// Takes the conversation's next queued run, when nothing is under way there, and makes it
    /// `running`. Its epoch stays: it has never executed.
    pub async fn claim_next_queued(
        &self,
        conversation: ConversationId,
        owner: Uuid,
        until: Timestamp,
    ) -> Result<Option<Claimed>> {
        // Mostly nobody waits, and to see that costs no place in the writers' line. Who queues up
        // after this look asks here too.
        let waits =
            self.read(
                Within::Installation,
                |db| async move { row::is_queued(&db, conversation).await },
            );
        if !waits.await? {
            return Ok(None);
        }
        let taker = self.taker(owner, until);
        self.write(Within::Installation, (conversation, taker), |tx, (conversation, taker)| {
            Box::pin(take_queued(tx, *conversation, taker, false))
        })
        .await
    }

    fn taker(&self, owner: Uuid, until: Timestamp) -> Taker {
        let (now, until) = (self.at_once(), self.as_long_as_until(until));
        Taker { owner, now, until, started_at: self.now() }
    }
}

/// Runs whose lease has run out and that could be taken now.
async fn orphans(db: &Db, now: &Moment, limit: u32) -> Result<Vec<Orphan>> {
    let busy = Alias::new("busy");
    let conversation_busy = Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, busy.clone())
        .and_where(
            Expr::col((busy.clone(), Column::ConversationId))
                .eq(Expr::col((Entity, Column::ConversationId))),
        )
        .and_where(
            Expr::col((busy, Column::Status))
                .is_in([RunStatus::Running, RunStatus::Interrupted].map(|it| it.word())),
        )
        .to_owned();
    let takeable = Condition::any().add(Column::Status.eq(RunStatus::Running.word())).add(
        Condition::all()
            .add(Column::Status.eq(RunStatus::Queued.word()))
            .add(Expr::exists(conversation_busy).not()),
    );
    Ok(Entity::find()
        .select_only()
        .columns([Column::Id, Column::ConversationId, Column::Status, Column::Epoch])
        .filter(takeable)
        .filter(Expr::col(Column::LeaseUntil).lte(now.expr()))
        .order_by_asc(Column::LeaseUntil)
        .limit(u64::from(limit))
        .into_model::<Orphan>()
        .all(db)
        .await?)
}

/// Compares and sets: of several servers that saw the same orphan, the first one gets it.
async fn take_over(tx: &Tx, orphan: &Orphan, taker: &Taker) -> Result<Option<Claimed>> {
    let taken = Entity::update_many()
        .col_expr(Column::Epoch, Expr::val(orphan.epoch + 1))
        .col_expr(Column::LeaseOwner, Expr::val(taker.owner))
        .col_expr(Column::LeaseUntil, taker.until.expr())
        .filter(Column::Id.eq(orphan.id))
        .filter(Column::Epoch.eq(orphan.epoch))
        .filter(Column::Status.eq(RunStatus::Running.word()))
        .filter(Expr::col(Column::LeaseUntil).lte(taker.now.expr()))
        .exec(tx)
        .await?;
    if taken.rows_affected == 0 { Ok(None) } else { claimed(tx, orphan.id).await }
}

/// Takes the next of the queue; `orphaned` asks that its lease has run out.
async fn take_queued(
    tx: &Tx,
    conversation: ConversationId,
    taker: &Taker,
    orphaned: bool,
) -> Result<Option<Claimed>> {
    // Under this lock nobody else starts, ends or takes a run of the conversation.
    conversations::lock(tx, conversation).await?;
    if row::occupying(tx, conversation).await?.is_some() {
        return Ok(None);
    }
    let Some(next) = row::next_queued(tx, conversation).await? else { return Ok(None) };
    let mut take = Entity::update_many()
        .col_expr(Column::Status, Expr::val(RunStatus::Running.word()))
        .col_expr(Column::StartedAt, Expr::val(taker.started_at.millis()))
        .col_expr(Column::LeaseOwner, Expr::val(taker.owner))
        .col_expr(Column::LeaseUntil, taker.until.expr())
        .filter(Column::Id.eq(next.id))
        .filter(Column::Status.eq(RunStatus::Queued.word()));
    if orphaned {
        take = take.filter(Expr::col(Column::LeaseUntil).lte(taker.now.expr()));
    }
    if take.exec(tx).await?.rows_affected == 0 { Ok(None) } else { claimed(tx, next.id).await }
}

/// The run as it is now, with what it takes to execute it.
pub(super) async fn claimed(tx: &Tx, id: Uuid) -> Result<Option<Claimed>> {
    let own = Condition::all().add(Column::Id.eq(id));
    let Some(row) = row::first(tx, own).await? else { return Ok(None) };
    let request: Option<String> =
        Entity::find_by_id(id).select_only().column(Column::Request).into_tuple().one(tx).await?;
    let Some(request) = request else { return Ok(None) };
    let workspace_id = row.workspace();
    Ok(Some(Claimed {
        run: Run::try_from(row)?,
        workspace_id,
        request: codec::from_text(&request, "runs.request")?,
    }))
}
