//! Hangs a run's answer into the conversation's tree.

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait};
use vpaura_domain::{Message, Run, RunStatus, Scope, Timestamp, WorkspaceId};

use super::row;
use crate::entities::{conversation, message, run};
use crate::error::Result;
use crate::messages::{self, Attachments};
use crate::writes::Writes;

/// Stores the answer. What waits in the queue and was written below the same message moves below
/// the answer, so that the conversation stays one line; the path shown goes on to the answer
/// unless the user has moved elsewhere meanwhile.
pub(super) async fn store(
    writes: &mut Writes<'_>,
    workspace: WorkspaceId,
    run: &Run,
    answer: &Message,
    now: Timestamp,
) -> Result<()> {
    let scope = Scope::system(workspace);
    messages::insert(writes, &scope, std::slice::from_ref(answer), Attachments::IfVisible).await?;
    move_below(writes, run, answer).await?;
    show(writes, run, answer, now).await
}

async fn move_below(writes: &mut Writes<'_>, run: &Run, answer: &Message) -> Result<()> {
    use message::Column;
    let waiting = Query::select()
        .column(run::Column::FirstMessageId)
        .from(run::Entity)
        .and_where(run::Column::ConversationId.eq(run.conversation_id.uuid()))
        .and_where(row::has_status(RunStatus::Queued))
        .to_owned();
    let moved = message::Entity::update_many()
        .col_expr(Column::ParentId, Expr::val(answer.id.uuid()))
        .filter(Column::ParentId.eq(run.user_message_id.uuid()))
        .filter(Column::Id.in_subquery(waiting));
    writes.add(&moved.into_query()).await
}

async fn show(writes: &mut Writes<'_>, run: &Run, answer: &Message, now: Timestamp) -> Result<()> {
    use conversation::Column;
    let head = Expr::col(Column::HeadMessageId);
    let shown = CaseStatement::new()
        .case(head.clone().eq(run.user_message_id.uuid()), answer.id.uuid())
        .finally(head);
    let updated = conversation::Entity::update_many()
        .col_expr(Column::MessageCount, Expr::col(Column::MessageCount).add(1))
        .col_expr(Column::UpdatedAt, Expr::val(now.millis()))
        .col_expr(Column::HeadMessageId, shown.into())
        .filter(Column::Id.eq(run.conversation_id.uuid()));
    writes.add(&updated.into_query()).await
}
