//! Members: users in workspaces, with one role each. Who changes one holds all that they have and
//! get; a workspace always has an owner who can sign in.

mod change;
mod read;

use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, Statement};
use uuid::Uuid;
use vpaura_domain::{BuiltinRole, PermissionSet, RoleRef, Timestamp, UserId, WorkspaceId};

use crate::codec;
use crate::db::Tx;
use crate::entities::member::{Column, Entity};
use crate::entities::role;
use crate::error::{Result, StoreError};

/// Makes the user a member within the transaction; [`StoreError::AlreadyMember`] when they are.
pub(crate) async fn insert(
    tx: &Tx,
    workspace: WorkspaceId,
    user: UserId,
    role: RoleRef,
    now: Timestamp,
) -> Result<()> {
    let (name, id) = codec::role_columns(role);
    let columns =
        [Column::WorkspaceId, Column::UserId, Column::Role, Column::RoleId, Column::CreatedAt];
    let insert = Query::insert()
        .into_table(Entity)
        .columns(columns)
        .values_panic([
            workspace.uuid().into(),
            user.uuid().into(),
            name.into(),
            id.into(),
            now.millis().into(),
        ])
        .on_conflict(
            OnConflict::columns([Column::WorkspaceId, Column::UserId]).do_nothing().to_owned(),
        )
        .to_owned();
    match tx.execute(&insert).await?.rows_affected() {
        0 => Err(StoreError::AlreadyMember),
        _ => Ok(()),
    }
}

/// The user's role in the workspace, if they are a member.
pub(crate) async fn role_of<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    user: UserId,
) -> Result<Option<RoleRef>> {
    let row = Entity::find_by_id((workspace.uuid(), user.uuid())).one(db).await?;
    row.map(|row| codec::role_ref(row.role.as_deref(), row.role_id, "members.role")).transpose()
}

/// What the role allows in the workspace.
pub(crate) async fn permissions_of<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    role: RoleRef,
) -> Result<PermissionSet> {
    match role {
        RoleRef::Builtin(role) => Ok(role.permissions()),
        RoleRef::Custom(id) => {
            let row = role::Entity::find_by_id(id.uuid()).one(db).await?;
            let row = row.filter(|row| row.workspace_id == workspace.uuid());
            let row = row.ok_or(StoreError::RoleMissing)?;
            codec::from_text(&row.permissions, "roles.permissions")
        }
    }
}

/// The role's name, where `custom` has the workspace's own.
pub(crate) fn role_name(role: RoleRef, custom: &[role::Model]) -> String {
    match role {
        RoleRef::Builtin(role) => role.name().to_owned(),
        RoleRef::Custom(id) => {
            let row = custom.iter().find(|row| row.id == id.uuid());
            row.map_or_else(String::new, |row| row.name.clone())
        }
    }
}

/// Fails with [`StoreError::LastOwner`] unless the workspace has an owner besides this user who
/// can sign in. Under the workspace's lock.
pub(crate) async fn require_another_owner(
    tx: &Tx,
    workspace: WorkspaceId,
    user: UserId,
) -> Result<()> {
    let ask = Statement::from_sql_and_values(
        tx.get_database_backend(),
        "SELECT members.user_id FROM members
         JOIN users ON users.id = members.user_id AND users.status = 'active'
         WHERE members.workspace_id = $1 AND members.user_id <> $2 AND members.role = $3
         LIMIT 1",
        [workspace.uuid().into(), user.uuid().into(), BuiltinRole::Owner.name().into()],
    );
    match tx.query_one_raw(ask).await? {
        Some(_) => Ok(()),
        None => Err(StoreError::LastOwner),
    }
}

/// The workspaces where the user is the only owner who can sign in. Their rows are locked, so
/// that this stays so until the transaction ends.
pub(crate) async fn only_owner_of(tx: &Tx, user: UserId) -> Result<Vec<WorkspaceId>> {
    let lock = match tx.get_database_backend() {
        DbBackend::Sqlite => "",
        _ => "FOR UPDATE OF workspaces",
    };
    let values = [user.uuid().into(), BuiltinRole::Owner.name().into()];
    // Locked first and looked at then: what others have committed meanwhile counts.
    let owned = Statement::from_sql_and_values(
        tx.get_database_backend(),
        format!(
            "SELECT workspaces.id FROM workspaces
             JOIN members ON members.workspace_id = workspaces.id
             WHERE members.user_id = $1 AND members.role = $2 AND workspaces.status = 'active'
             ORDER BY workspaces.id {lock}"
        ),
        values,
    );
    let mut only = Vec::new();
    for row in tx.query_all_raw(owned).await? {
        let id: Uuid = row.try_get("", "id")?;
        let workspace = WorkspaceId::from_uuid(id);
        match require_another_owner(tx, workspace, user).await {
            Ok(()) => {}
            Err(StoreError::LastOwner) => only.push(workspace),
            Err(error) => return Err(error),
        }
    }
    Ok(only)
}
