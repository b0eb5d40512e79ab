//! Lists invitations, and withdraws them.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use vpaura_domain::{AuditEntry, Invitation, InvitationId, InvitationStatus, Listing, Page, Scope};

use crate::codec::Word;
use crate::entities::invitation::{Column, Entity, Model};
use crate::error::Result;
use crate::keyset::{self, Place};
use crate::store::Store;
use crate::{audit, visible};

impl Store {
    /// A page of the open invitations into the workspace, expired ones among them, the newest
    /// first.
    pub async fn list_invitations(
        &self,
        scope: &Scope,
        page: &Page,
    ) -> Result<Listing<Invitation>> {
        let select = Entity::find()
            .filter(Column::WorkspaceId.eq(visible::workspace(scope)))
            .filter(Column::Status.eq(InvitationStatus::Open.word()));
        self.read(scope, |db| {
            let select = select.clone();
            async move {
                let order = (Column::CreatedAt, Column::Id);
                let place = |row: &Model| Place { at: row.created_at, id: row.id };
                keyset::page(&db, select, order, page, place).await
            }
        })
        .await
    }

    /// Withdraws an open invitation; whether there was one.
    pub async fn revoke_invitation(
        &self,
        scope: &Scope,
        id: InvitationId,
        entry: &AuditEntry,
    ) -> Result<bool> {
        self.write(scope, (*scope, id, entry.clone()), |tx, (scope, id, entry)| {
            Box::pin(async move {
                let revoked = Entity::update_many()
                    .col_expr(Column::Status, Expr::val(InvitationStatus::Revoked.word()))
                    .filter(Column::Id.eq(id.uuid()))
                    .filter(Column::WorkspaceId.eq(visible::workspace(scope)))
                    .filter(Column::Status.eq(InvitationStatus::Open.word()))
                    .exec(tx)
                    .await?;
                if revoked.rows_affected == 0 {
                    return Ok(false);
                }
                audit::insert(tx, entry).await?;
                Ok(true)
            })
        })
        .await
    }
}
