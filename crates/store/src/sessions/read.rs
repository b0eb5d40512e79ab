//! Reads one session or a page of them.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use vpaura_domain::{Listing, Page, Scope, Session, SessionId, SessionStatus};

use super::SessionFilter;
use crate::codec::Word;
use crate::entities::session::{Column, Entity};
use crate::error::Result;
use crate::keyset::{self, Place};
use crate::store::Store;
use crate::visible;

impl Store {
    /// The session, unless deleted or not visible.
    pub async fn get_session(&self, scope: &Scope, id: SessionId) -> Result<Option<Session>> {
        self.read(visible::within_sessions(scope), |db| async move { find(&db, scope, id).await })
            .await
    }

    /// The scope's sessions, newest first.
    pub async fn list_sessions(
        &self,
        scope: &Scope,
        filter: &SessionFilter,
        page: &Page,
    ) -> Result<Listing<Session>> {
        let status = filter.status.unwrap_or(SessionStatus::Active);
        let select = Entity::find()
            .filter(visible::sessions(scope))
            .filter(Column::Status.eq(status.word()));
        let order = (Column::CreatedAt, Column::Id);
        self.read(visible::within_sessions(scope), |db| {
            let select = select.clone();
            async move {
                keyset::page(&db, select, order, page, |row| Place {
                    at: row.created_at,
                    id: row.id,
                })
                .await
            }
        })
        .await
    }
}

pub(super) async fn find<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    id: SessionId,
) -> Result<Option<Session>> {
    let row = Entity::find_by_id(id.uuid()).filter(visible::sessions(scope)).one(db).await?;
    row.map(Session::try_from).transpose()
}
