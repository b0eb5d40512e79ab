//! Trades a refresh token for the next one. A token that comes a second time was copied: the
//! session that it belongs to ends, for the thief and for its owner.

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter};
use vpaura_domain::{AuditEntry, SessionId, Timestamp, UserId, WorkspaceId};

use super::end::end;
use crate::audit;
use crate::db::Tx;
use crate::entities::refresh_token::{ActiveModel, Column, Entity, Model};
use crate::entities::{session, user};
use crate::error::Result;
use crate::store::Store;
use crate::within::Within;

/// A refresh token that was given.
#[derive(Debug, Clone)]
pub struct RefreshSignIn {
    /// Its hash.
    pub given_hash: String,
    /// The hash of the one that follows it.
    pub next_hash: String,
    /// When the next one and the session stop being valid.
    pub expires_at: Timestamp,
    /// What the audit log says when the given one had been used. Who and which session is put in
    /// here.
    pub reused: AuditEntry,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshed {
    /// The next token is valid.
    Next {
        /// Who signed in.
        user_id: UserId,
        /// From which session.
        session_id: SessionId,
        /// The workspace that the session is in.
        workspace_id: WorkspaceId,
    },
    /// The token had been used before: the session has ended.
    Reused(SessionId),
    /// There is no such token, or it is not valid any more.
    Unknown,
}

impl Store {
    /// Uses the token up. Of two that bring the same one, one gets the next.
    pub async fn refresh_sign_in(&self, given: RefreshSignIn, now: Timestamp) -> Result<Refreshed> {
        self.write(Within::Installation, (given, now), |tx, (given, now)| {
            Box::pin(refresh(tx, given, *now))
        })
        .await
    }
}

impl Store {
    /// Whose this refresh token is, and of which session, while it has not been used.
    pub async fn refresh_token_holder(
        &self,
        token_hash: &str,
    ) -> Result<Option<(UserId, SessionId)>> {
        self.read(Within::Installation, |db| async move {
            let row =
                Entity::find_by_id(token_hash).filter(Column::UsedAt.is_null()).one(&db).await?;
            Ok(row
                .map(|row| (UserId::from_uuid(row.user_id), SessionId::from_uuid(row.session_id))))
        })
        .await
    }
}

async fn refresh(tx: &Tx, given: &RefreshSignIn, now: Timestamp) -> Result<Refreshed> {
    if let Some(next) = Entity::find_by_id(given.next_hash.as_str()).one(tx).await? {
        // Our own insert, whose commit was confirmed to nobody.
        return valid(tx, &next, now).await;
    }
    let used = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::val(now.millis()))
        .filter(Column::TokenHash.eq(given.given_hash.as_str()))
        .filter(Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    let Some(token) = Entity::find_by_id(given.given_hash.as_str()).one(tx).await? else {
        return Ok(Refreshed::Unknown);
    };
    if used.rows_affected == 0 {
        let (user, session) =
            (UserId::from_uuid(token.user_id), SessionId::from_uuid(token.session_id));
        end(tx, user, &[token.session_id], now).await?;
        let mut entry = given.reused.clone();
        entry.actor = vpaura_domain::Actor::User { id: user };
        entry.object_id = Some(session.to_string());
        audit::insert(tx, &entry).await?;
        return Ok(Refreshed::Reused(session));
    }
    if token.expires_at <= now.millis() {
        return Ok(Refreshed::Unknown);
    }
    let refreshed = valid(tx, &token, now).await?;
    if matches!(refreshed, Refreshed::Next { .. }) {
        let next = ActiveModel {
            token_hash: ActiveValue::Set(given.next_hash.clone()),
            user_id: ActiveValue::Set(token.user_id),
            session_id: ActiveValue::Set(token.session_id),
            created_at: ActiveValue::Set(now.millis()),
            expires_at: ActiveValue::Set(given.expires_at.millis()),
            used_at: ActiveValue::Set(None),
        };
        Entity::insert(next).exec_without_returning(tx).await?;
        session::Entity::update_many()
            .col_expr(session::Column::ExpiresAt, Expr::val(given.expires_at.millis()))
            .filter(session::Column::Id.eq(token.session_id))
            .exec(tx)
            .await?;
        forget_expired(tx, &token, now).await?;
    }
    Ok(refreshed)
}

/// Whether session and user of the token still are what they have to be.
async fn valid(tx: &Tx, token: &Model, now: Timestamp) -> Result<Refreshed> {
    let session = session::Entity::find_by_id(token.session_id)
        .filter(session::Column::OwnerId.eq(token.user_id))
        .filter(session::Column::Status.ne("deleted"))
        .filter(session::Column::ExpiresAt.gt(now.millis()))
        .one(tx)
        .await?;
    let user = user::Entity::find_by_id(token.user_id)
        .filter(user::Column::Status.eq("active"))
        .one(tx)
        .await?;
    let (Some(session), Some(_)) = (session, user) else { return Ok(Refreshed::Unknown) };
    Ok(Refreshed::Next {
        user_id: UserId::from_uuid(token.user_id),
        session_id: SessionId::from_uuid(token.session_id),
        workspace_id: WorkspaceId::from_uuid(session.workspace_id),
    })
}

/// Used tokens are kept for as long as they were valid, to know them again.
async fn forget_expired(tx: &Tx, token: &Model, now: Timestamp) -> Result<()> {
    Entity::delete_many()
        .filter(Column::SessionId.eq(token.session_id))
        .filter(Column::UsedAt.is_not_null())
        .filter(Column::ExpiresAt.lt(now.millis()))
        .exec(tx)
        .await?;
    Ok(())
}
