//! Reads workspaces.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use vpaura_domain::{Membership, RoleRef, Scope, UserId, Workspace, WorkspaceId, WorkspaceStatus};

use crate::codec::{self, Word};
use crate::entities::workspace::{Column, Entity};
use crate::entities::{member, role};
use crate::error::Result;
use crate::members::role_name;
use crate::store::Store;
use crate::within::Within;

impl Store {
    /// The scope's workspace, unless it is being deleted.
    pub async fn get_workspace(&self, scope: &Scope) -> Result<Option<Workspace>> {
        self.read(scope, |db| async move { find(&db, scope.workspace_id).await }).await
    }

    /// Whether the workspace is in use.
    pub async fn is_active_workspace(&self, id: WorkspaceId) -> Result<bool> {
        Ok(self.read(id, |db| async move { find(&db, id).await }).await?.is_some())
    }

    /// All workspaces of the installation that are in use, the oldest first.
    pub async fn list_workspaces(&self) -> Result<Vec<Workspace>> {
        self.read(Within::Installation, |db| async move {
            let rows = Entity::find()
                .filter(Column::Status.eq(WorkspaceStatus::Active.word()))
                .order_by_asc(Column::CreatedAt)
                .order_by_asc(Column::Id)
                .all(&db)
                .await?;
            rows.into_iter().map(Workspace::try_from).collect()
        })
        .await
    }

    /// The workspaces in use that the user is a member of, in the order of joining.
    pub async fn list_memberships(&self, user: UserId) -> Result<Vec<Membership>> {
        self.read(Within::Installation, |db| async move {
            let members = member::Entity::find()
                .filter(member::Column::UserId.eq(user.uuid()))
                .order_by_asc(member::Column::CreatedAt)
                .order_by_asc(member::Column::WorkspaceId)
                .all(&db)
                .await?;
            let workspaces = Entity::find()
                .filter(Column::Id.is_in(members.iter().map(|it| it.workspace_id)))
                .filter(Column::Status.eq(WorkspaceStatus::Active.word()))
                .all(&db)
                .await?;
            let roles = role::Entity::find()
                .filter(role::Column::Id.is_in(members.iter().filter_map(|it| it.role_id)))
                .all(&db)
                .await?;
            let mut memberships = Vec::with_capacity(members.len());
            for member in members {
                let here = workspaces.iter().find(|it| it.id == member.workspace_id);
                let Some(workspace) = here.cloned() else { continue };
                let role: RoleRef =
                    codec::role_ref(member.role.as_deref(), member.role_id, "members.role")?;
                memberships.push(Membership {
                    workspace: workspace.try_into()?,
                    role,
                    role_name: role_name(role, &roles),
                });
            }
            Ok(memberships)
        })
        .await
    }
}

pub(super) async fn find<C: ConnectionTrait>(db: &C, id: WorkspaceId) -> Result<Option<Workspace>> {
    let row = Entity::find_by_id(id.uuid())
        .filter(Column::Status.eq(WorkspaceStatus::Active.word()))
        .one(db)
        .await?;
    row.map(Workspace::try_from).transpose()
}
