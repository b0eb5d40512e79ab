//! Invites somebody.

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};
use vpaura_domain::{AuditEntry, Invitation, InvitationId, InvitationStatus, Scope, UserId};

use crate::codec::{self, Word};
use crate::db::Tx;
use crate::entities::invitation::{ActiveModel, Column, Entity};
use crate::error::{Result, StoreError};
use crate::idempotency::{self, Claim, Created, IdempotencyKey};
use crate::store::Store;
use crate::{audit, members, visible, workspaces};

/// A new invitation with what is not shown of it.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// The form of the address in which two count as the same.
    pub email_key: String,
    /// The SHA-256 of its token, in hexadecimal.
    pub token_hash: String,
    /// What the audit log is to say.
    pub entry: AuditEntry,
}

impl Store {
    /// Stores a new invitation. It takes the place of an open one to the same address.
    ///
    /// # Errors
    /// [`StoreError::NotCovered`] when the scope does not hold all that the role allows,
    /// [`StoreError::RoleMissing`], [`StoreError::AlreadyMember`].
    pub async fn create_invitation(
        &self,
        scope: &Scope,
        new: NewInvitation,
        key: Option<&IdempotencyKey>,
    ) -> Result<Created<Invitation>> {
        let input = (*scope, new, key.cloned(), self.now());
        self.write(scope, input, |tx, (scope, new, key, now)| {
            Box::pin(async move {
                workspaces::lock(tx, scope.workspace_id).await?;
                let id = new.invitation.id.uuid();
                if let Claim::Used(used) =
                    idempotency::claim(tx, scope, key.as_ref(), id, *now).await?
                    && used != id
                {
                    let first = find(tx, scope, InvitationId::from_uuid(used)).await?;
                    return first.map(Created::Replayed).ok_or(StoreError::ReplayGone);
                }
                if let Some(stored) = find(tx, scope, new.invitation.id).await? {
                    // Our own insert, whose commit was confirmed to nobody.
                    return Ok(Created::New(stored));
                }
                insert(tx, scope, new).await?;
                audit::insert(tx, &new.entry).await?;
                Ok(Created::New(new.invitation.clone()))
            })
        })
        .await
    }
}

async fn insert(tx: &Tx, scope: &Scope, new: &NewInvitation) -> Result<()> {
    let NewInvitation { invitation, email_key, token_hash, .. } = new;
    let offered = members::permissions_of(tx, scope.workspace_id, invitation.role).await?;
    if !scope.permissions.covers(offered) {
        return Err(StoreError::NotCovered);
    }
    let member = Statement::from_sql_and_values(
        tx.get_database_backend(),
        "SELECT members.user_id FROM members JOIN users ON users.id = members.user_id
         WHERE members.workspace_id = $1 AND users.email_key = $2",
        [visible::workspace(scope).into(), email_key.as_str().into()],
    );
    if tx.query_one_raw(member).await?.is_some() {
        return Err(StoreError::AlreadyMember);
    }
    Entity::update_many()
        .col_expr(Column::Status, Expr::val(InvitationStatus::Revoked.word()))
        .filter(Column::WorkspaceId.eq(visible::workspace(scope)))
        .filter(Column::EmailKey.eq(email_key.as_str()))
        .filter(Column::Status.eq(InvitationStatus::Open.word()))
        .exec(tx)
        .await?;
    let (role, role_id) = codec::role_columns(invitation.role);
    let row = ActiveModel {
        id: ActiveValue::Set(invitation.id.uuid()),
        workspace_id: ActiveValue::Set(visible::workspace(scope)),
        email: ActiveValue::Set(invitation.email.clone()),
        email_key: ActiveValue::Set(email_key.clone()),
        role: ActiveValue::Set(role),
        role_id: ActiveValue::Set(role_id),
        status: ActiveValue::Set(invitation.status.word().to_owned()),
        token_hash: ActiveValue::Set(token_hash.clone()),
        invited_by: ActiveValue::Set(invitation.invited_by.map(UserId::uuid)),
        created_at: ActiveValue::Set(invitation.created_at.millis()),
        expires_at: ActiveValue::Set(invitation.expires_at.millis()),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

async fn find(tx: &Tx, scope: &Scope, id: InvitationId) -> Result<Option<Invitation>> {
    let row = Entity::find_by_id(id.uuid())
        .filter(Column::WorkspaceId.eq(visible::workspace(scope)))
        .one(tx)
        .await?;
    row.map(Invitation::try_from).transpose()
}
