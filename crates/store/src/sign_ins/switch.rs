//! Goes on in another workspace.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use vpaura_domain::{AuditEntry, SessionId, UserId, WorkspaceId};

use crate::audit;
use crate::entities::{session, user};
use crate::error::Result;
use crate::store::Store;
use crate::within::Within;

impl Store {
    /// Moves the user's session to the workspace, and remembers it for their next sign-in;
    /// whether the session was there.
    pub async fn move_sign_in(
        &self,
        user: UserId,
        session: SessionId,
        workspace: WorkspaceId,
        entry: Option<AuditEntry>,
    ) -> Result<bool> {
        let input = (user, session, workspace, entry);
        self.write(Within::Installation, input, |tx, (user, session, workspace, entry)| {
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
                if let Some(entry) = entry {
                    audit::insert(tx, entry).await?;
                }
                Ok(true)
            })
        })
        .await
    }
}
