//! A run as it is read: all columns but the request, which only recovery needs.

use sea_orm::prelude::Json;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DerivePartialModel, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;
use vpaura_domain::{
    ApiKeyId, ChatbotId, ConversationId, MessageId, Run, RunId, RunStatus, SessionId, Timestamp,
    UserId, WorkspaceId,
};

use crate::codec::{self, Word};
use crate::entities::run::{Column, Entity};
use crate::error::{Result, StoreError};

#[derive(Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub(super) struct Row {
    pub(super) id: Uuid,
    pub(super) workspace_id: Uuid,
    pub(super) conversation_id: Uuid,
    session_id: Option<Uuid>,
    user_id: Option<Uuid>,
    api_key_id: Option<Uuid>,
    chatbot_id: Option<Uuid>,
    user_message_id: Uuid,
    message_id: Uuid,
    pub(super) status: String,
    model: String,
    epoch: i64,
    last_seq: i64,
    cancel_requested: bool,
    usage: Json,
    error: Option<String>,
    created_at: i64,
    started_at: Option<i64>,
    finished_at: Option<i64>,
}

/// The columns of a [`Row`].
pub(super) const COLUMNS: [Column; 19] = [
    Column::Id,
    Column::WorkspaceId,
    Column::ConversationId,
    Column::SessionId,
    Column::UserId,
    Column::ApiKeyId,
    Column::ChatbotId,
    Column::UserMessageId,
    Column::MessageId,
    Column::Status,
    Column::Model,
    Column::Epoch,
    Column::LastSeq,
    Column::CancelRequested,
    Column::Usage,
    Column::Error,
    Column::CreatedAt,
    Column::StartedAt,
    Column::FinishedAt,
];

impl Row {
    pub(super) fn workspace(&self) -> WorkspaceId {
        WorkspaceId::from_uuid(self.workspace_id)
    }
}

impl TryFrom<Row> for Run {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: RunId::from_uuid(row.id),
            conversation_id: ConversationId::from_uuid(row.conversation_id),
            session_id: row.session_id.map(SessionId::from_uuid),
            user_id: row.user_id.map(UserId::from_uuid),
            api_key_id: row.api_key_id.map(ApiKeyId::from_uuid),
            chatbot_id: row.chatbot_id.map(ChatbotId::from_uuid),
            user_message_id: MessageId::from_uuid(row.user_message_id),
            message_id: MessageId::from_uuid(row.message_id),
            status: RunStatus::from_word(&row.status, "runs.status")?,
            model: row.model,
            epoch: u32::try_from(row.epoch).unwrap_or(u32::MAX),
            last_seq: codec::to_u64(row.last_seq),
            cancel_requested: row.cancel_requested,
            usage: codec::from_json(row.usage, "runs.usage")?,
            error: row.error.map(|error| codec::from_text(&error, "runs.error")).transpose()?,
            created_at: Timestamp::from_millis(row.created_at),
            started_at: row.started_at.map(Timestamp::from_millis),
            finished_at: row.finished_at.map(Timestamp::from_millis),
        })
    }
}

/// The first run that meets the condition, one under way before the queued, the oldest first.
pub(super) async fn first<C: ConnectionTrait>(db: &C, condition: Condition) -> Result<Option<Row>> {
    Ok(Entity::find()
        .filter(condition)
        .order_by_desc(under_way())
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .limit(1)
        .into_partial_model::<Row>()
        .one(db)
        .await?)
}

/// The condition that a run has this status, with the word in the statement itself: SQLite would
/// compile the statement anew for each value of a parameter that a partial index depends on.
pub(super) fn has_status(status: RunStatus) -> Expr {
    Expr::col((Entity, Column::Status)).eq(Expr::Constant(status.word().into()))
}

/// The condition that a run is running or interrupted: of these a conversation has one at most.
pub(super) fn under_way() -> Expr {
    let words = [RunStatus::Running, RunStatus::Interrupted].map(|status| status.word());
    Expr::col((Entity, Column::Status)).is_in(words.map(|word| Expr::Constant(word.into())))
}

/// The one run that can meet the condition. Without a limit, for the same reason.
async fn only<C: ConnectionTrait>(db: &C, condition: Condition) -> Result<Option<Row>> {
    let rows = Entity::find().filter(condition).into_partial_model::<Row>().all(db).await?;
    Ok(rows.into_iter().next())
}

/// The run with this id in this workspace.
pub(super) async fn by_id<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    id: RunId,
) -> Result<Option<Row>> {
    let condition = Condition::all()
        .add(Column::Id.eq(id.uuid()))
        .add(Column::WorkspaceId.eq(workspace.uuid()));
    only(db, condition).await
}

/// The conversation's run that is running or interrupted.
pub(super) async fn occupying<C: ConnectionTrait>(
    db: &C,
    conversation: ConversationId,
) -> Result<Option<Row>> {
    let condition =
        Condition::all().add(Column::ConversationId.eq(conversation.uuid())).add(under_way());
    only(db, condition).await
}

/// The conversation's queued run that is next.
pub(super) async fn next_queued<C: ConnectionTrait>(
    db: &C,
    conversation: ConversationId,
) -> Result<Option<Row>> {
    let condition = Condition::all()
        .add(Column::ConversationId.eq(conversation.uuid()))
        .add(has_status(RunStatus::Queued));
    first(db, condition).await
}

/// Whether a run of the conversation is queued.
pub(super) async fn is_queued<C: ConnectionTrait>(
    db: &C,
    conversation: ConversationId,
) -> Result<bool> {
    let ids: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::ConversationId.eq(conversation.uuid()))
        .filter(has_status(RunStatus::Queued))
        .into_tuple()
        .all(db)
        .await?;
    Ok(!ids.is_empty())
}
