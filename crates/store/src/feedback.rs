//! Verdicts on messages.

use std::collections::HashMap;

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter};
use vpaura_domain::{
    Feedback, FeedbackId, FeedbackRating, MessageId, Role, Scope, SessionId, Timestamp,
};

use crate::codec::Word;
use crate::entities::feedback::{ActiveModel, Column, Entity, Model};
use crate::entities::message;
use crate::error::{Result, StoreError};
use crate::store::Store;
use crate::visible;

impl Store {
    /// Stores the principal's verdict on a message, in place of an earlier one, whose id and
    /// first moment stay. `None` when the message is not visible or not an assistant's.
    pub async fn put_feedback(
        &self,
        scope: &Scope,
        feedback: &Feedback,
    ) -> Result<Option<Feedback>> {
        self.write(scope, (*scope, feedback.clone()), |tx, (scope, feedback)| {
            Box::pin(async move {
                let judged = message::Entity::find_by_id(feedback.message_id.uuid())
                    .filter(visible::messages(scope))
                    .filter(message::Column::Role.eq(Role::Assistant.word()))
                    .one(tx)
                    .await?;
                if judged.is_none() {
                    return Ok(None);
                }
                Entity::insert(row(scope, feedback))
                    .on_conflict(
                        OnConflict::columns([Column::MessageId, Column::PrincipalKey])
                            .update_columns([Column::Rating, Column::Comment, Column::UpdatedAt])
                            .to_owned(),
                    )
                    .exec_without_returning(tx)
                    .await?;
                let stored = Entity::find()
                    .filter(Column::MessageId.eq(feedback.message_id.uuid()))
                    .filter(Column::PrincipalKey.eq(scope.principal_key()))
                    .one(tx)
                    .await?;
                stored.map(Feedback::try_from).transpose()
            })
        })
        .await
    }

    /// The principal's own verdicts on these messages, where there are any.
    pub async fn feedback_of(
        &self,
        scope: &Scope,
        messages: &[MessageId],
    ) -> Result<HashMap<MessageId, FeedbackRating>> {
        self.read(scope, |db| async move {
            let rows = Entity::find()
                .filter(Column::MessageId.is_in(messages.iter().map(|id| id.uuid())))
                .filter(Column::PrincipalKey.eq(scope.principal_key()))
                .filter(Column::WorkspaceId.eq(visible::workspace(scope)))
                .all(&db)
                .await?;
            rows.into_iter()
                .map(|row| {
                    let rating = FeedbackRating::from_word(&row.rating, "feedback.rating")?;
                    Ok((MessageId::from_uuid(row.message_id), rating))
                })
                .collect()
        })
        .await
    }
}

fn row(scope: &Scope, feedback: &Feedback) -> ActiveModel {
    ActiveModel {
        id: ActiveValue::Set(feedback.id.uuid()),
        workspace_id: ActiveValue::Set(visible::workspace(scope)),
        message_id: ActiveValue::Set(feedback.message_id.uuid()),
        principal_key: ActiveValue::Set(scope.principal_key()),
        session_id: ActiveValue::Set(feedback.session_id.map(|id| id.uuid())),
        rating: ActiveValue::Set(feedback.feedback.word().to_owned()),
        comment: ActiveValue::Set(feedback.comment.clone()),
        created_at: ActiveValue::Set(feedback.created_at.millis()),
        updated_at: ActiveValue::Set(feedback.updated_at.millis()),
    }
}

impl TryFrom<Model> for Feedback {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            id: FeedbackId::from_uuid(row.id),
            message_id: MessageId::from_uuid(row.message_id),
            session_id: row.session_id.map(SessionId::from_uuid),
            feedback: FeedbackRating::from_word(&row.rating, "feedback.rating")?,
            comment: row.comment,
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}
