//! Reads runs.

use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use serde_json::Value;
use vpaura_domain::{ConversationId, Run, RunId, RunStatus, Scope};

use super::row;
use crate::codec::{self, Word};
use crate::entities::run::{Column, Entity};
use crate::error::{Result, StoreError};
use crate::idempotency::{self, Claim, IdempotencyKey};
use crate::store::Store;
use crate::visible;

impl Store {
    /// The run, unless its conversation is deleted or not visible.
    pub async fn get_run(&self, scope: &Scope, id: RunId) -> Result<Option<Run>> {
        self.read(scope, |db| async move {
            let condition = visible::runs(scope).add(Column::Id.eq(id.uuid()));
            row::first(&db, condition).await?.map(Run::try_from).transpose()
        })
        .await
    }

    /// The run that was started under the key, as it is today. Reserves nothing: a start that is
    /// under way is not seen.
    ///
    /// # Errors
    /// [`StoreError::IdempotencyMismatch`] when the key came with another request;
    /// [`StoreError::ReplayGone`] when the run is no longer there or not visible.
    pub async fn find_idempotent_run(
        &self,
        scope: &Scope,
        key: &IdempotencyKey,
    ) -> Result<Option<Run>> {
        let now = self.now();
        self.read(scope, |db| async move {
            let id = match idempotency::find(&db, scope, key, now).await? {
                Claim::Fresh => return Ok(None),
                Claim::Used(id) => id,
            };
            let started = row::first(&db, visible::runs(scope).add(Column::Id.eq(id))).await?;
            started.ok_or(StoreError::ReplayGone).and_then(Run::try_from).map(Some)
        })
        .await
    }

    /// The conversation's run that is running or interrupted, else the oldest queued one.
    pub async fn active_run(
        &self,
        scope: &Scope,
        conversation: ConversationId,
    ) -> Result<Option<Run>> {
        self.read(scope, |db| async move {
            let active = Condition::all()
                .add(visible::runs(scope))
                .add(Column::ConversationId.eq(conversation.uuid()))
                .add(
                    Condition::any().add(row::under_way()).add(row::has_status(RunStatus::Queued)),
                );
            row::first(&db, active).await?.map(Run::try_from).transpose()
        })
        .await
    }

    /// How many runs wait in the conversation.
    pub async fn queued_runs(&self, scope: &Scope, conversation: ConversationId) -> Result<u64> {
        self.read(scope, |db| async move {
            let queued = Entity::find()
                .filter(visible::runs(scope))
                .filter(Column::ConversationId.eq(conversation.uuid()))
                .filter(Column::Status.eq(RunStatus::Queued.word()))
                .count(&db)
                .await?;
            Ok(queued)
        })
        .await
    }

    /// What the run was started with.
    pub async fn run_request(&self, scope: &Scope, id: RunId) -> Result<Option<Value>> {
        self.read(scope, |db| async move {
            let request: Option<String> = Entity::find_by_id(id.uuid())
                .select_only()
                .column(Column::Request)
                .filter(visible::runs(scope))
                .into_tuple()
                .one(&db)
                .await?;
            request.map(|request| codec::from_text(&request, "runs.request")).transpose()
        })
        .await
    }
}
