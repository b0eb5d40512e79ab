//! Goes on in another workspace.

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter};
use vpaura_domain::{AuditEntry, SessionId, Timestamp, UserId, WorkspaceId};

use crate::audit;
use crate::db::Tx;
use crate::entities::{refresh_token, session, user};
use crate::error::Result;
use crate::store::Store;
use crate::within::Within;

impl Store {
    /// Moves the user's session to the workspace, and remembers it for their next sign-in;
    /// whether the session was there. A refresh token that is `next`, with its end, takes the
    /// place of the one that has not been used.
    pub async fn move_sign_in(
        &self,
        user: UserId,
        session: SessionId,
        workspace: WorkspaceId,
        next: Option<(String, Timestamp)>,
        entry: Option<AuditEntry>,
    ) -> Result<bool> {
        let input = (user, session, workspace, next, entry, self.now());
        self.write(
            Within::Installation,
            input,
            |tx, (user, session, workspace, next, entry, now)| {
                Box::pin(async move {
                    let moved = session::Entity::update_many()
                        .col_expr(session::Column::WorkspaceId, Expr::val(workspace.uuid()))
                        .filter(session::Column::Id.eq(session.uuid()))
                        .filter(session::Column::OwnerId.eq(user.uuid()))
                        .filter(session::Column::Status.ne("deleted"))
                        .exec(tx)
                        .await?;
                    if moved.rows_affected == 0 {
                        return Ok(false);
                    }
                    user::Entity::update_many()
                        .col_expr(user::Column::WorkspaceId, Expr::val(workspace.uuid()))
                        .filter(user::Column::Id.eq(user.uuid()))
                        .exec(tx)
                        .await?;
                    if let Some((hash, expires_at)) = next {
                        replace_token(tx, *user, *session, hash, *expires_at, *now).await?;
                    }
                    if let Some(entry) = entry {
                        audit::insert(tx, entry).await?;
                    }
                    Ok(true)
                })
            },
        )
        .await
    }
}

async fn replace_token(
    tx: &Tx,
    user: UserId,
    session: SessionId,
    hash: &str,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    refresh_token::Entity::delete_many()
        .filter(refresh_token::Column::SessionId.eq(session.uuid()))
        .filter(refresh_token::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    let row = refresh_token::ActiveModel {
        token_hash: ActiveValue::Set(hash.to_owned()),
        user_id: ActiveValue::Set(user.uuid()),
        session_id: ActiveValue::Set(session.uuid()),
        created_at: ActiveValue::Set(now.millis()),
        expires_at: ActiveValue::Set(expires_at.millis()),
        used_at: ActiveValue::Set(None),
    };
    refresh_token::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
