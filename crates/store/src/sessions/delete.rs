//! Deletes a session, softly or for good.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};
use vpaura_domain::{AuditEntry, Scope, SessionId, Subject, Timestamp};

use crate::entities::session::{Column, Entity};
use crate::entities::{conversation, idempotency_key};
use crate::error::Result;
use crate::revocations::{self, RevocationKind};
use crate::store::Store;
use crate::{audit, runs, visible};

impl Store {
    /// Marks the session and its conversations as deleted; whether there was one to delete.
    pub async fn delete_session(
        &self,
        scope: &Scope,
        id: SessionId,
        entry: &AuditEntry,
        now: Timestamp,
    ) -> Result<bool> {
        let input = (*scope, id, entry.clone(), now);
        self.write(visible::within_sessions(scope), input, |tx, (scope, id, entry, now)| {
            Box::pin(async move {
                let deleted = Entity::update_many()
                    .col_expr(Column::Status, Expr::val("deleted"))
                    .col_expr(Column::UpdatedAt, Expr::val(now.millis()))
                    .filter(Column::Id.eq(id.uuid()))
                    .filter(visible::sessions(scope))
                    .exec(tx)
                    .await?;
                if deleted.rows_affected == 0 {
                    return Ok(false);
                }
                revocations::insert(tx, RevocationKind::Session, id.uuid(), *now).await?;
                conversation::Entity::update_many()
                    .col_expr(conversation::Column::Status, Expr::val("deleted"))
                    .col_expr(conversation::Column::UpdatedAt, Expr::val(now.millis()))
                    .filter(conversation::Column::SessionId.eq(id.uuid()))
                    .filter(conversation::Column::Status.ne("deleted"))
                    .exec(tx)
                    .await?;
                audit::insert(tx, entry).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Removes the session and everything beneath it: conversations, messages, runs, files,
    /// feedback, shares and keys. Works on softly deleted ones too; false when there is none. The
    /// entry is none where the log has been told.
    pub async fn purge_session(
        &self,
        scope: &Scope,
        id: SessionId,
        entry: Option<&AuditEntry>,
    ) -> Result<bool> {
        self.write(
            visible::within_sessions(scope),
            (*scope, id, entry.cloned(), self.now()),
            |tx, (scope, id, entry, now)| {
                Box::pin(async move {
                    // Locked, so that no conversation is begun in it from here on.
                    let own = Entity::find_by_id(id.uuid())
                        .filter(visible::sessions_even_deleted(scope))
                        .lock_exclusive()
                        .one(tx)
                        .await?;
                    if own.is_none() {
                        return Ok(false);
                    }
                    let its = conversation::Column::SessionId.eq(id.uuid());
                    runs::settle_unfinished(tx, Condition::all().add(its)).await?;
                    // The rest follows by cascade.
                    Entity::delete_by_id(id.uuid()).exec(tx).await?;
                    revocations::insert(tx, RevocationKind::Session, id.uuid(), *now).await?;
                    let principal = Scope { subject: Subject::Session(*id), ..*scope };
                    idempotency_key::Entity::delete_many()
                        .filter(idempotency_key::Column::WorkspaceId.eq(visible::workspace(scope)))
                        .filter(idempotency_key::Column::PrincipalKey.eq(principal.principal_key()))
                        .exec(tx)
                        .await?;
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
