//! Ends sign-ins: one, all of a user, or all but one.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;
use vpaura_domain::{AuditEntry, SessionId, Timestamp, UserId};

use crate::audit;
use crate::db::Tx;
use crate::entities::{refresh_token, session};
use crate::error::Result;
use crate::revocations::{self, RevocationKind};
use crate::store::Store;
use crate::within::Within;

impl Store {
    /// Ends one sign-in of the user; whether there was one.
    pub async fn end_sign_in(
        &self,
        user: UserId,
        session: SessionId,
        entry: AuditEntry,
        now: Timestamp,
    ) -> Result<bool> {
        let input = (user, session, entry, now);
        self.write(Within::Installation, input, |tx, (user, session, entry, now)| {
            Box::pin(async move {
                let ended = end(tx, *user, &[session.uuid()], *now).await?;
                if ended {
                    audit::insert(tx, entry).await?;
                }
                Ok(ended)
            })
        })
        .await
    }

    /// Ends all sign-ins of the user.
    pub async fn end_all_sign_ins(
        &self,
        user: UserId,
        entry: AuditEntry,
        now: Timestamp,
    ) -> Result<()> {
        self.write(Within::Installation, (user, entry, now), |tx, (user, entry, now)| {
            Box::pin(async move {
                end_all(tx, *user, None, *now).await?;
                audit::insert(tx, entry).await
            })
        })
        .await
    }
}

/// Ends all sign-ins of the user but the one from `but`.
pub(crate) async fn end_all(
    tx: &Tx,
    user: UserId,
    but: Option<SessionId>,
    now: Timestamp,
) -> Result<()> {
    let mut open: Vec<Uuid> = session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(session::Column::OwnerId.eq(user.uuid()))
        .filter(session::Column::Status.ne("deleted"))
        .into_tuple()
        .all(tx)
        .await?;
    open.retain(|id| but.is_none_or(|but| but.uuid() != *id));
    end(tx, user, &open, now).await?;
    Ok(())
}

/// Ends these sessions of the user; whether any was open.
pub(super) async fn end(tx: &Tx, user: UserId, sessions: &[Uuid], now: Timestamp) -> Result<bool> {
    let mut any = false;
    for id in sessions {
        let ended = session::Entity::update_many()
            .col_expr(session::Column::Status, Expr::val("deleted"))
            .col_expr(session::Column::UpdatedAt, Expr::val(now.millis()))
            .filter(session::Column::Id.eq(*id))
            .filter(session::Column::OwnerId.eq(user.uuid()))
            .filter(session::Column::Status.ne("deleted"))
            .exec(tx)
            .await?;
        if ended.rows_affected == 1 {
            any = true;
            revocations::insert(tx, RevocationKind::Session, *id, now).await?;
        }
        refresh_token::Entity::delete_many()
            .filter(refresh_token::Column::SessionId.eq(*id))
            .filter(refresh_token::Column::UserId.eq(user.uuid()))
            .exec(tx)
            .await?;
    }
    Ok(any)
}
