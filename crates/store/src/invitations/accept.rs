//! Looks at an invitation by its token, and accepts it once.

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use vpaura_domain::{
    AuditEntry, Invitation, InvitationStatus, RoleRef, Timestamp, UserId, WorkspaceId,
    WorkspaceStatus,
};

use crate::codec::{self, Word};
use crate::db::Tx;
use crate::entities::invitation::{Column, Entity};
use crate::entities::{role, user, workspace};
use crate::error::{Result, StoreError};
use crate::members::{self, role_name};
use crate::revocations::{self, RevocationKind};
use crate::store::Store;
use crate::within::Within;
use crate::{audit, workspaces};

/// An invitation that can be accepted, as whoever holds its token sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// The form of its address in which two count as the same.
    pub email_key: String,
    /// Into which workspace.
    pub workspace_id: WorkspaceId,
    /// The workspace's name.
    pub workspace_name: String,
    /// The role's name.
    pub role_name: String,
    /// Whether a user has the address already.
    pub is_user: bool,
}

/// Who accepts.
#[derive(Debug, Clone)]
pub struct Acceptance {
    /// The SHA-256 of the invitation's token, in hexadecimal.
    pub token_hash: String,
    /// The workspace that it leads to.
    pub workspace_id: WorkspaceId,
    /// The user.
    pub user_id: UserId,
    /// What the audit log is to say.
    pub entries: Vec<AuditEntry>,
    /// When.
    pub now: Timestamp,
}

impl Store {
    /// The invitation with this token, while it can be accepted.
    pub async fn open_invitation(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<OpenInvitation>> {
        self.read(Within::Installation, |db| async move {
            let found = Entity::find()
                .filter(Column::TokenHash.eq(token_hash))
                .filter(Column::Status.eq(InvitationStatus::Open.word()))
                .filter(Column::ExpiresAt.gt(now.millis()))
                .one(&db)
                .await?;
            let Some(row) = found else { return Ok(None) };
            let workspace = workspace::Entity::find_by_id(row.workspace_id)
                .filter(workspace::Column::Status.eq(WorkspaceStatus::Active.word()))
                .one(&db)
                .await?;
            let Some(workspace) = workspace else { return Ok(None) };
            let email_key = row.email_key.clone();
            let user = user::Entity::find()
                .filter(user::Column::EmailKey.eq(email_key.as_str()))
                .one(&db)
                .await?;
            let roles = match row.role_id {
                Some(id) => role::Entity::find_by_id(id).all(&db).await?,
                None => Vec::new(),
            };
            let invitation = Invitation::try_from(row)?;
            Ok(Some(OpenInvitation {
                role_name: role_name(invitation.role, &roles),
                invitation,
                email_key,
                workspace_id: WorkspaceId::from_uuid(workspace.id),
                workspace_name: workspace.name,
                is_user: user.is_some(),
            }))
        })
        .await
    }

    /// The newest invitation to this address that can be accepted: into which workspace, and its
    /// token's hash. The address is in the form in which two count as the same.
    pub async fn open_invitation_to(
        &self,
        email_key: &str,
        now: Timestamp,
    ) -> Result<Option<(WorkspaceId, String)>> {
        self.read(Within::Installation, |db| async move {
            let active = Query::select()
                .column(workspace::Column::Id)
                .from(workspace::Entity)
                .and_where(workspace::Column::Status.eq(WorkspaceStatus::Active.word()))
                .to_owned();
            let found = Entity::find()
                .filter(Column::EmailKey.eq(email_key))
                .filter(Column::Status.eq(InvitationStatus::Open.word()))
                .filter(Column::ExpiresAt.gt(now.millis()))
                .filter(Column::WorkspaceId.in_subquery(active))
                .order_by_desc(Column::CreatedAt)
                .order_by_desc(Column::Id)
                .one(&db)
                .await?;
            Ok(found.map(|row| (WorkspaceId::from_uuid(row.workspace_id), row.token_hash)))
        })
        .await
    }

    /// Accepts the invitation for the user; of two at once, one wins.
    ///
    /// # Errors
    /// [`StoreError::InvitationMissing`] when it cannot be accepted (any more) by this user,
    /// [`StoreError::AlreadyMember`].
    pub async fn accept_invitation(&self, acceptance: Acceptance) -> Result<RoleRef> {
        self.write(acceptance.workspace_id, acceptance, |tx, acceptance| {
            Box::pin(async move {
                let Acceptance { token_hash, workspace_id, user_id, entries, now } = acceptance;
                let role = accept(tx, token_hash, *workspace_id, *user_id, *now).await?;
                for entry in entries {
                    audit::insert(tx, entry).await?;
                }
                Ok(role)
            })
        })
        .await
    }
}

/// Accepts an invitation within the transaction, for a user who is in the table already and has
/// the invited address. Answers the role.
pub(crate) async fn accept(
    tx: &Tx,
    token_hash: &str,
    workspace: WorkspaceId,
    user: UserId,
    now: Timestamp,
) -> Result<RoleRef> {
    workspaces::lock(tx, workspace).await?;
    let guest = user::Entity::find_by_id(user.uuid()).one(tx).await?;
    let guest = guest.ok_or(StoreError::InvitationMissing)?;
    let found = Entity::find()
        .filter(Column::TokenHash.eq(token_hash))
        .filter(Column::WorkspaceId.eq(workspace.uuid()))
        .one(tx)
        .await?;
    let row = found.ok_or(StoreError::InvitationMissing)?;
    let taken = Entity::update_many()
        .col_expr(Column::Status, Expr::val(InvitationStatus::Accepted.word()))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Status.eq(InvitationStatus::Open.word()))
        .filter(Column::ExpiresAt.gt(now.millis()))
        .filter(Column::EmailKey.eq(guest.email_key))
        .exec(tx)
        .await?;
    if taken.rows_affected == 0 {
        return Err(StoreError::InvitationMissing);
    }
    let role = codec::role_ref(row.role.as_deref(), row.role_id, "invitations.role")?;
    members::insert(tx, workspace, user, role, now).await?;
    // What servers believe of the user says that they may do nothing there.
    revocations::insert(tx, RevocationKind::Member, user.uuid(), now).await?;
    Ok(role)
}
