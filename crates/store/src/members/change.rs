//! Gives members other roles, and removes them.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use vpaura_domain::{AuditEntry, BuiltinRole, Member, RoleRef, Scope, Timestamp, UserId};

use super::read::find;
use super::{permissions_of, require_another_owner};
use crate::codec;
use crate::db::Tx;
use crate::entities::member::{Column, Entity};
use crate::entities::{api_key, grant, user};
use crate::error::{Result, StoreError};
use crate::revocations::{self, RevocationKind};
use crate::store::Store;
use crate::{api_keys, audit, budgets, visible, workspaces};

const OWNER: RoleRef = RoleRef::Builtin(BuiltinRole::Owner);

impl Store {
    /// Gives the member another role; `None` when the user is no member.
    ///
    /// # Errors
    /// [`StoreError::NotCovered`] when the scope does not hold all that the old or the new role
    /// allows, [`StoreError::LastOwner`], [`StoreError::RoleMissing`].
    pub async fn change_member_role(
        &self,
        scope: &Scope,
        member: UserId,
        role: RoleRef,
        entry: &AuditEntry,
        now: Timestamp,
    ) -> Result<Option<Member>> {
        let input = (*scope, member, role, entry.clone(), now);
        self.write(scope, input, |tx, (scope, member, role, entry, now)| {
            Box::pin(async move {
                workspaces::lock(tx, scope.workspace_id).await?;
                let Some(before) = find(tx, scope, *member).await? else { return Ok(None) };
                let wanted = permissions_of(tx, scope.workspace_id, *role).await?;
                if !scope.permissions.covers(before.permissions | wanted) {
                    return Err(StoreError::NotCovered);
                }
                if before.role == OWNER && *role != OWNER {
                    require_another_owner(tx, scope.workspace_id, *member).await?;
                }
                let (name, id) = codec::role_columns(*role);
                Entity::update_many()
                    .col_expr(Column::Role, Expr::val(name))
                    .col_expr(Column::RoleId, Expr::val(id))
                    .filter(Column::WorkspaceId.eq(visible::workspace(scope)))
                    .filter(Column::UserId.eq(member.uuid()))
                    .exec(tx)
                    .await?;
                tell(tx, *member, entry, *now).await?;
                find(tx, scope, *member).await
            })
        })
        .await
    }

    /// Removes the member, with the API keys that they made here, the budgets of both, and what was
    /// shared with them; whether they were one. Who leaves needs no permission.
    ///
    /// # Errors
    /// [`StoreError::NotCovered`] when the scope does not hold all that their role allows,
    /// [`StoreError::LastOwner`].
    pub async fn remove_member(
        &self,
        scope: &Scope,
        member: UserId,
        entry: &AuditEntry,
        now: Timestamp,
    ) -> Result<bool> {
        let input = (*scope, member, entry.clone(), now);
        self.write(scope, input, |tx, (scope, member, entry, now)| {
            Box::pin(async move {
                workspaces::lock(tx, scope.workspace_id).await?;
                let Some(before) = find(tx, scope, *member).await? else { return Ok(false) };
                let leaves = scope.user_id() == Some(*member);
                if !leaves && !scope.permissions.covers(before.permissions) {
                    return Err(StoreError::NotCovered);
                }
                if before.role == OWNER {
                    require_another_owner(tx, scope.workspace_id, *member).await?;
                }
                take_away(tx, scope, *member).await?;
                tell(tx, *member, entry, *now).await?;
                Ok(true)
            })
        })
        .await
    }
}

async fn take_away(tx: &Tx, scope: &Scope, member: UserId) -> Result<()> {
    let (workspace, user) = (visible::workspace(scope), member.uuid());
    let keys = Condition::all()
        .add(api_key::Column::WorkspaceId.eq(workspace))
        .add(api_key::Column::UserId.eq(user));
    api_keys::delete(tx, keys).await?;
    budgets::forget_user(tx, member, Some(scope.workspace_id)).await?;
    grant::Entity::delete_many()
        .filter(grant::Column::WorkspaceId.eq(workspace))
        .filter(grant::Column::UserId.eq(user))
        .exec(tx)
        .await?;
    Entity::delete_many()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::UserId.eq(user))
        .exec(tx)
        .await?;
    // Signing in is not to lead there any more.
    user::Entity::update_many()
        .col_expr(user::Column::WorkspaceId, Expr::val(None::<uuid::Uuid>))
        .filter(user::Column::Id.eq(user))
        .filter(user::Column::WorkspaceId.eq(workspace))
        .exec(tx)
        .await?;
    Ok(())
}

async fn tell(tx: &Tx, member: UserId, entry: &AuditEntry, now: Timestamp) -> Result<()> {
    revocations::insert(tx, RevocationKind::Member, member.uuid(), now).await?;
    audit::insert(tx, entry).await
}
