//! Starts a run: one transaction stores the messages and the run. From then on the request is
//! acknowledged.

use std::collections::HashSet;

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;
use vpaura_domain::{Conversation, MessageId, Run, RunId, RunStatus, Scope};

use super::{NewRun, Started, row};
use crate::codec::{self, Word, to_i64};
use crate::db::Tx;
use crate::entities::{conversation, message, run};
use crate::error::{Result, StoreError};
use crate::idempotency::{self, Claim};
use crate::messages::{self, Attachments};
use crate::moment::Moment;
use crate::store::Store;
use crate::writes::Writes;
use crate::{budgets, conversations, visible};

impl Store {
    /// Stores the run, its messages and, when it opens one, its conversation. The conversation
    /// then shows the path that ends in the message to be answered. Safe to repeat: the same run
    /// again is [`Started::New`] again.
    ///
    /// # Errors
    /// [`StoreError::RunActive`] when the run is `running` and another one is;
    /// [`StoreError::HeadMoved`];
    /// [`StoreError::ConversationMissing`], [`StoreError::ParentMissing`] and
    /// [`StoreError::FileMissing`] for what is not there or not visible;
    /// [`StoreError::IdempotencyMismatch`]; [`StoreError::BudgetExceeded`] when a budget has less
    /// left than the run sets aside.
    pub async fn start_run(&self, scope: &Scope, new: NewRun) -> Result<Started> {
        let (id, now, scope) = (new.run.id, self.now(), *scope);
        let until = self.as_long_as_until(new.lease.until);
        let started = self
            .write(&scope, (new, until), move |tx, (new, until)| {
                Box::pin(async move {
                    let claim = idempotency::claim(
                        tx,
                        &scope,
                        new.idempotency.as_ref(),
                        new.run.id.uuid(),
                        now,
                    )
                    .await?;
                    match claim {
                        Claim::Used(used) if used != new.run.id.uuid() => {
                            let first =
                                row::by_id(tx, scope.workspace_id, RunId::from_uuid(used)).await?;
                            let first = first.ok_or(StoreError::ReplayGone)?;
                            Ok(Started::Replayed(Run::try_from(first)?))
                        }
                        _ => start(tx, &scope, new, until).await.map(Started::New),
                    }
                })
            })
            .await;
        match started {
            // Our own transaction, whose commit was confirmed to nobody.
            Err(StoreError::Duplicate) => {
                let stored = self
                    .read(&scope, |db| async move { row::by_id(&db, scope.workspace_id, id).await })
                    .await?;
                match stored {
                    Some(stored) => Ok(Started::New(Run::try_from(stored)?)),
                    None => Err(StoreError::Duplicate),
                }
            }
            started => started,
        }
    }
}

async fn start(tx: &Tx, scope: &Scope, new: &NewRun, until: &Moment) -> Result<Run> {
    let conversation = new.run.conversation_id;
    let mut writes = Writes::on(tx);
    let mut head = None;
    match &new.conversation {
        Some(opened) if opened.id == conversation => {
            conversations::insert(&mut writes, scope, &advanced(opened, new)).await?;
        }
        Some(_) => return Err(StoreError::ConversationMissing),
        None => {
            let found = conversations::find_locked(tx, scope, conversation)
                .await?
                .ok_or(StoreError::ConversationMissing)?;
            if let Some(active) = row::occupying(tx, conversation).await? {
                let active = Run::try_from(active)?;
                if active.id == new.run.id {
                    return Ok(active);
                }
                if new.run.status == RunStatus::Running {
                    return Err(StoreError::RunActive { run_id: active.id });
                }
            }
            check_head(new, &found)?;
            head = found.head_message_id;
        }
    }
    check_parents(tx, new, head).await?;
    if !new.reserve.budgets.is_empty() {
        let (workspace, now) = (scope.workspace_id, new.run.created_at);
        budgets::reserve(tx, workspace, new.run.id, &new.reserve, now).await?;
    }
    messages::insert(&mut writes, scope, &new.messages, Attachments::Required).await?;
    if new.conversation.is_none() {
        advance(&mut writes, new).await?;
    }
    insert(&mut writes, scope, new, until).await?;
    writes.send().await?;
    Ok(new.run.clone())
}

/// What is to follow the conversation's head must do so, lest an answer that came in between be
/// left on another branch. A repeat finds its own message there.
fn check_head(new: &NewRun, conversation: &Conversation) -> Result<()> {
    let head = conversation.head_message_id;
    let parent = new.messages.first().map(|first| first.parent_id);
    let follows = parent == Some(head) || head == Some(new.run.user_message_id);
    if new.follows_head && !follows { Err(StoreError::HeadMoved) } else { Ok(()) }
}

/// Every message must hang in this conversation, and the one to be answered must be there. Its
/// head is known to be, which spares the usual turn a look.
async fn check_parents(tx: &Tx, new: &NewRun, head: Option<MessageId>) -> Result<()> {
    let conversation = new.run.conversation_id;
    let mut known: HashSet<MessageId> = head.into_iter().collect();
    let mut stored = HashSet::new();
    for message in &new.messages {
        if message.conversation_id != conversation {
            return Err(StoreError::ParentMissing);
        }
        if let Some(parent) = message.parent_id.filter(|parent| !known.contains(parent)) {
            stored.insert(parent.uuid());
        }
        known.insert(message.id);
    }
    if !known.contains(&new.run.user_message_id) {
        stored.insert(new.run.user_message_id.uuid());
    }
    if stored.is_empty() {
        return Ok(());
    }
    let found: Vec<Uuid> = message::Entity::find()
        .select_only()
        .column(message::Column::Id)
        .filter(message::Column::Id.is_in(stored.iter().copied()))
        .filter(message::Column::ConversationId.eq(conversation.uuid()))
        .into_tuple()
        .all(tx)
        .await?;
    if found.len() == stored.len() { Ok(()) } else { Err(StoreError::ParentMissing) }
}

/// What [`advance`] makes of a conversation that is new.
fn advanced(opened: &Conversation, new: &NewRun) -> Conversation {
    Conversation {
        head_message_id: Some(new.run.user_message_id),
        message_count: opened.message_count + new.messages.len() as u64,
        updated_at: new.run.created_at,
        ..opened.clone()
    }
}

/// Shows the path to the message being answered, and counts the new ones.
async fn advance(writes: &mut Writes<'_>, new: &NewRun) -> Result<()> {
    use conversation::Column;
    let advanced = conversation::Entity::update_many()
        .col_expr(Column::HeadMessageId, Expr::val(new.run.user_message_id.uuid()))
        .col_expr(
            Column::MessageCount,
            Expr::col(Column::MessageCount).add(to_i64(new.messages.len() as u64)),
        )
        .col_expr(Column::UpdatedAt, Expr::val(new.run.created_at.millis()))
        .filter(Column::Id.eq(new.run.conversation_id.uuid()));
    writes.add(&advanced.into_query()).await
}

async fn insert(
    writes: &mut Writes<'_>,
    scope: &Scope,
    new: &NewRun,
    until: &Moment,
) -> Result<()> {
    use run::Column;
    let run = &new.run;
    let error = run.error.as_ref().map(|error| codec::to_text(error, "runs.error")).transpose()?;
    let columns = [
        (Column::Id, run.id.uuid().into()),
        (Column::WorkspaceId, visible::workspace(scope).into()),
        (Column::ConversationId, run.conversation_id.uuid().into()),
        (Column::SessionId, run.session_id.map(|id| id.uuid()).into()),
        (Column::UserId, run.user_id.map(|id| id.uuid()).into()),
        (Column::ApiKeyId, run.api_key_id.map(|id| id.uuid()).into()),
        (Column::ChatbotId, run.chatbot_id.map(|id| id.uuid()).into()),
        (Column::UserMessageId, run.user_message_id.uuid().into()),
        (Column::MessageId, run.message_id.uuid().into()),
        (Column::FirstMessageId, new.messages.first().map(|first| first.id.uuid()).into()),
        (Column::Status, run.status.word().into()),
        (Column::Model, run.model.as_str().into()),
        (Column::Epoch, i64::from(run.epoch).into()),
        (Column::LastSeq, to_i64(run.last_seq).into()),
        (Column::CancelRequested, run.cancel_requested.into()),
        (Column::Usage, codec::to_json(&run.usage, "runs.usage")?.into()),
        (Column::Error, error.into()),
        (Column::Request, codec::to_text(&new.request, "runs.request")?.into()),
        (Column::LeaseOwner, new.lease.owner.into()),
        (Column::LeaseUntil, until.expr()),
        (Column::CreatedAt, run.created_at.millis().into()),
        (Column::StartedAt, run.started_at.map(|at| at.millis()).into()),
        (Column::FinishedAt, run.finished_at.map(|at| at.millis()).into()),
    ];
    let (columns, values): (Vec<Column>, Vec<Expr>) = columns.into_iter().unzip();
    let insert = Query::insert()
        .into_table(run::Entity)
        .columns(columns)
        .values(values)
        .map_err(|error| StoreError::Database(sea_orm::DbErr::Custom(error.to_string())))?
        .to_owned();
    writes.add(&insert).await
}
