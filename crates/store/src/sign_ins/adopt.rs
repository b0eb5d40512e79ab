//! Lets what an anonymous visitor had move to the user whom they turned out to be.

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Statement};
use uuid::Uuid;
use vpaura_domain::{Owner, SessionId, Timestamp, UserId, WorkspaceId};

use crate::db::Tx;
use crate::entities::{conversation, file, run, session};
use crate::error::Result;
use crate::revocations::{self, RevocationKind};

/// Ends the visitor's session, which is the user's from then on, as is all that it held. It stays in
/// the workspace that visitors act in. Who is no member there cannot open it, but it is in their
/// export, and goes when they do.
pub(super) async fn adopt(tx: &Tx, visitor: SessionId, user: UserId, now: Timestamp) -> Result<()> {
    let ended = session::Entity::update_many()
        .col_expr(session::Column::Status, Expr::val("deleted"))
        .col_expr(session::Column::OwnerId, Expr::val(user.uuid()))
        .col_expr(session::Column::UpdatedAt, Expr::val(now.millis()))
        .filter(session::Column::Id.eq(visitor.uuid()))
        .filter(session::Column::OwnerId.is_null())
        .filter(session::Column::Status.ne("deleted"))
        .exec(tx)
        .await?;
    if ended.rows_affected == 0 {
        return Ok(());
    }
    revocations::insert(tx, RevocationKind::Session, visitor.uuid(), now).await?;
    let nobody = || Expr::val(None::<Uuid>);
    conversation::Entity::update_many()
        .col_expr(conversation::Column::UserId, Expr::val(user.uuid()))
        .col_expr(conversation::Column::SessionId, nobody())
        .filter(conversation::Column::SessionId.eq(visitor.uuid()))
        .exec(tx)
        .await?;
    run::Entity::update_many()
        .col_expr(run::Column::UserId, Expr::val(user.uuid()))
        .col_expr(run::Column::SessionId, nobody())
        .filter(run::Column::SessionId.eq(visitor.uuid()))
        .exec(tx)
        .await?;
    file::Entity::update_many()
        .col_expr(file::Column::UserId, Expr::val(user.uuid()))
        .col_expr(file::Column::SessionId, nobody())
        .filter(file::Column::SessionId.eq(visitor.uuid()))
        .exec(tx)
        .await?;
    move_feedback(tx, visitor, user).await
}

/// Verdicts are one per message and principal: the visitor's give way to the user's own.
async fn move_feedback(tx: &Tx, visitor: SessionId, user: UserId) -> Result<()> {
    let (from, to) = (principal(Owner::Session(visitor)), principal(Owner::User(user)));
    let statement = Statement::from_sql_and_values(
        tx.get_database_backend(),
        "UPDATE feedback SET principal_key = $2, session_id = NULL
         WHERE principal_key = $1 AND NOT EXISTS (
             SELECT 1 FROM feedback own
             WHERE own.message_id = feedback.message_id AND own.principal_key = $2
         )",
        [from.into(), to.into()],
    );
    tx.execute_raw(statement).await?;
    Ok(())
}

/// As [`Scope::principal_key`](vpaura_domain::Scope::principal_key) has it.
fn principal(owner: Owner) -> String {
    vpaura_domain::Scope::on_behalf_of(WorkspaceId::DEFAULT, Some(owner)).principal_key()
}
