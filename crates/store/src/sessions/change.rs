//! Changes a session and keeps it alive.

use std::time::Duration;

use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter};
use vpaura_domain::{Scope, Session, SessionChanges, SessionId, Timestamp};

use super::read::find;
use crate::codec::Word;
use crate::entities::session::{ActiveModel, Column, Entity};
use crate::error::Result;
use crate::store::Store;
use crate::visible;

/// How exact `last_accessed` is.
const EXACTNESS: Duration = Duration::from_secs(60);

impl Store {
    /// Applies the changes; `None` when the session is not visible.
    pub async fn update_session(
        &self,
        scope: &Scope,
        id: SessionId,
        changes: &SessionChanges,
        now: Timestamp,
    ) -> Result<Option<Session>> {
        self.write(
            visible::within_sessions(scope),
            (*scope, id, changes.clone(), now),
            |tx, (scope, id, changes, now)| {
                Box::pin(async move {
                    let changes = changes.clone();
                    let row = ActiveModel {
                        title: changes.title.map_or(ActiveValue::NotSet, ActiveValue::Set),
                        status: changes.status.map_or(ActiveValue::NotSet, |it| {
                            ActiveValue::Set(it.word().to_owned())
                        }),
                        metadata: changes
                            .metadata
                            .map_or(ActiveValue::NotSet, |it| ActiveValue::Set(it.into_value())),
                        updated_at: ActiveValue::Set(now.millis()),
                        ..ActiveModel::default()
                    };
                    Entity::update_many()
                        .set(row)
                        .filter(Column::Id.eq(id.uuid()))
                        .filter(visible::sessions(scope))
                        .exec(tx)
                        .await?;
                    find(tx, scope, *id).await
                })
            },
        )
        .await
    }

    /// Notes that the session is in use. Writes only where the noted moment is more than 60 s
    /// old.
    pub async fn touch_session(&self, scope: &Scope, id: SessionId, now: Timestamp) -> Result<()> {
        match self.get_session(scope, id).await? {
            Some(session) if now.since(session.last_accessed) > EXACTNESS => {}
            _ => return Ok(()),
        }
        self.write(visible::within_sessions(scope), (*scope, id, now), |tx, (scope, id, now)| {
            Box::pin(async move {
                let row = ActiveModel {
                    last_accessed: ActiveValue::Set(now.millis()),
                    ..ActiveModel::default()
                };
                Entity::update_many()
                    .set(row)
                    .filter(Column::Id.eq(id.uuid()))
                    .filter(Column::LastAccessed.lt(now.millis()))
                    .filter(visible::sessions(scope))
                    .exec(tx)
                    .await?;
                Ok(())
            })
        })
        .await
    }
}
