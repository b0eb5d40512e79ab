//! Custom roles. Who makes or changes one holds all that it allows, before and after.

use sea_orm::{ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use sea_orm::{Condition, PaginatorTrait};
use vpaura_domain::{
    AuditEntry, CustomRole, InvitationStatus, PermissionSet, RoleId, Scope, Timestamp,
};

use crate::codec::{self, Word};
use crate::db::Tx;
use crate::entities::role::{ActiveModel, Column, Entity, Model};
use crate::entities::{invitation, member};
use crate::error::{Result, StoreError};
use crate::idempotency::{self, Claim, Created, IdempotencyKey};
use crate::revocations::{self, RevocationKind};
use crate::store::Store;
use crate::{audit, visible, workspaces};

/// The most roles that a workspace may have of its own.
const MOST: u64 = 100;

/// What changes of a custom role; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleChanges {
    /// The new name.
    pub name: Option<String>,
    /// What it allows from now on.
    pub permissions: Option<PermissionSet>,
}

impl Store {
    /// The workspace's own roles, at most a hundred, by name.
    pub async fn list_roles(&self, scope: &Scope) -> Result<Vec<CustomRole>> {
        self.read(scope, |db| async move {
            let rows = Entity::find()
                .filter(Column::WorkspaceId.eq(visible::workspace(scope)))
                .order_by_asc(Column::NameKey)
                .all(&db)
                .await?;
            rows.into_iter().map(CustomRole::try_from).collect()
        })
        .await
    }

    /// Stores a new role.
    ///
    /// # Errors
    /// [`StoreError::NotCovered`], [`StoreError::NameTaken`], [`StoreError::TooMany`].
    pub async fn create_role(
        &self,
        scope: &Scope,
        role: &CustomRole,
        entry: &AuditEntry,
        key: Option<&IdempotencyKey>,
    ) -> Result<Created<CustomRole>> {
        let input = (*scope, role.clone(), entry.clone(), key.cloned(), self.now());
        self.write(scope, input, |tx, (scope, role, entry, key, now)| {
            Box::pin(async move {
                workspaces::lock(tx, scope.workspace_id).await?;
                let id = role.id.uuid();
                if let Claim::Used(used) =
                    idempotency::claim(tx, scope, key.as_ref(), id, *now).await?
                    && used != id
                {
                    let first = find(tx, scope, RoleId::from_uuid(used)).await?;
                    return first.map(Created::Replayed).ok_or(StoreError::ReplayGone);
                }
                if let Some(stored) = find(tx, scope, role.id).await? {
                    // Our own insert, whose commit was confirmed to nobody.
                    return Ok(Created::New(stored));
                }
                insert(tx, scope, role).await?;
                audit::insert(tx, entry).await?;
                Ok(Created::New(role.clone()))
            })
        })
        .await
    }

    /// Changes a role; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::NotCovered`], [`StoreError::NameTaken`].
    pub async fn update_role(
        &self,
        scope: &Scope,
        id: RoleId,
        changes: &RoleChanges,
        entry: &AuditEntry,
        now: Timestamp,
    ) -> Result<Option<CustomRole>> {
        let input = (*scope, id, changes.clone(), entry.clone(), now);
        self.write(scope, input, |tx, (scope, id, changes, entry, now)| {
            Box::pin(async move {
                workspaces::lock(tx, scope.workspace_id).await?;
                let Some(before) = find(tx, scope, *id).await? else { return Ok(None) };
                let permissions = changes.permissions.unwrap_or(before.permissions);
                if !scope.permissions.covers(before.permissions | permissions) {
                    return Err(StoreError::NotCovered);
                }
                let name = changes.name.clone().unwrap_or(before.name);
                require_free(tx, scope, &name, Some(*id)).await?;
                let row = ActiveModel {
                    name_key: ActiveValue::Set(name_key(&name)),
                    name: ActiveValue::Set(name),
                    permissions: ActiveValue::Set(codec::to_text(
                        &permissions,
                        "roles.permissions",
                    )?),
                    updated_at: ActiveValue::Set(now.millis()),
                    ..ActiveModel::default()
                };
                Entity::update_many()
                    .set(row)
                    .filter(Column::Id.eq(id.uuid()))
                    .filter(Column::WorkspaceId.eq(visible::workspace(scope)))
                    .exec(tx)
                    .await?;
                revocations::insert(tx, RevocationKind::Role, id.uuid(), *now).await?;
                audit::insert(tx, entry).await?;
                find(tx, scope, *id).await
            })
        })
        .await
    }

    /// Deletes a role, with what was shared with it; whether there was one.
    ///
    /// # Errors
    /// [`StoreError::RoleInUse`] while a member has it or an invitation offers it,
    /// [`StoreError::NotCovered`].
    pub async fn delete_role(
        &self,
        scope: &Scope,
        id: RoleId,
        entry: &AuditEntry,
        now: Timestamp,
    ) -> Result<bool> {
        let input = (*scope, id, entry.clone(), now);
        self.write(scope, input, |tx, (scope, id, entry, now)| {
            Box::pin(async move {
                workspaces::lock(tx, scope.workspace_id).await?;
                let Some(before) = find(tx, scope, *id).await? else { return Ok(false) };
                if !scope.permissions.covers(before.permissions) {
                    return Err(StoreError::NotCovered);
                }
                require_unused(tx, *id, *now).await?;
                // What was offered and is over: the audit log remembers.
                invitation::Entity::delete_many()
                    .filter(invitation::Column::RoleId.eq(id.uuid()))
                    .exec(tx)
                    .await?;
                Entity::delete_by_id(id.uuid()).exec(tx).await?;
                revocations::insert(tx, RevocationKind::Role, id.uuid(), *now).await?;
                audit::insert(tx, entry).await?;
                Ok(true)
            })
        })
        .await
    }
}

async fn insert(tx: &Tx, scope: &Scope, role: &CustomRole) -> Result<()> {
    if !scope.permissions.covers(role.permissions) {
        return Err(StoreError::NotCovered);
    }
    require_free(tx, scope, &role.name, None).await?;
    let workspace = visible::workspace(scope);
    let present = Entity::find().filter(Column::WorkspaceId.eq(workspace)).count(tx).await?;
    if present >= MOST {
        return Err(StoreError::TooMany { most: MOST });
    }
    let row = ActiveModel {
        id: ActiveValue::Set(role.id.uuid()),
        workspace_id: ActiveValue::Set(workspace),
        name: ActiveValue::Set(role.name.clone()),
        name_key: ActiveValue::Set(name_key(&role.name)),
        permissions: ActiveValue::Set(codec::to_text(&role.permissions, "roles.permissions")?),
        created_at: ActiveValue::Set(role.created_at.millis()),
        updated_at: ActiveValue::Set(role.updated_at.millis()),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

async fn find<C: ConnectionTrait>(db: &C, scope: &Scope, id: RoleId) -> Result<Option<CustomRole>> {
    let row = Entity::find_by_id(id.uuid())
        .filter(Column::WorkspaceId.eq(visible::workspace(scope)))
        .one(db)
        .await?;
    row.map(CustomRole::try_from).transpose()
}

async fn require_free(tx: &Tx, scope: &Scope, name: &str, own: Option<RoleId>) -> Result<()> {
    let other = Entity::find()
        .filter(Column::WorkspaceId.eq(visible::workspace(scope)))
        .filter(Column::NameKey.eq(name_key(name)))
        .one(tx)
        .await?;
    match other {
        Some(other) if own.is_none_or(|own| own.uuid() != other.id) => Err(StoreError::NameTaken),
        _ => Ok(()),
    }
}

async fn require_unused(tx: &Tx, id: RoleId, now: Timestamp) -> Result<()> {
    let members = member::Entity::find().filter(member::Column::RoleId.eq(id.uuid()));
    let offered = Condition::all()
        .add(invitation::Column::RoleId.eq(id.uuid()))
        .add(invitation::Column::Status.eq(InvitationStatus::Open.word()))
        .add(invitation::Column::ExpiresAt.gt(now.millis()));
    let invitations = invitation::Entity::find().filter(offered);
    if members.count(tx).await? > 0 || invitations.count(tx).await? > 0 {
        return Err(StoreError::RoleInUse);
    }
    Ok(())
}

/// The form in which two names count as the same.
fn name_key(name: &str) -> String {
    name.to_lowercase()
}

impl TryFrom<Model> for CustomRole {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            id: RoleId::from_uuid(row.id),
            name: row.name,
            permissions: codec::from_text(&row.permissions, "roles.permissions")?,
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}
