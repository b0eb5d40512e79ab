//! Reads members.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use vpaura_domain::{Listing, Member, Page, Scope, Timestamp, UserId};

use super::{permissions_of, role_name};
use crate::codec;
use crate::entities::member::{Column, Entity, Model};
use crate::entities::{role, user};
use crate::error::{Result, StoreError};
use crate::keyset::{self, Place};
use crate::store::Store;
use crate::visible;

/// A member's row on its way through a page.
struct Row(Model);

impl TryFrom<Model> for Row {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self(row))
    }
}

impl Store {
    /// A page of the workspace's members, the newest first.
    pub async fn list_members(&self, scope: &Scope, page: &Page) -> Result<Listing<Member>> {
        let select = Entity::find().filter(Column::WorkspaceId.eq(visible::workspace(scope)));
        self.read(scope, |db| {
            let select = select.clone();
            async move {
                let order = (Column::CreatedAt, Column::UserId);
                let place = |row: &Model| Place { at: row.created_at, id: row.user_id };
                let Listing { items, total, next_cursor } =
                    keyset::page::<_, Entity, _, Row>(&db, select, order, page, place).await?;
                let rows = items.into_iter().map(|Row(row)| row).collect();
                Ok(Listing { items: told(&db, rows).await?, total, next_cursor })
            }
        })
        .await
    }

    /// The member, if the user is one.
    pub async fn get_member(&self, scope: &Scope, user: UserId) -> Result<Option<Member>> {
        self.read(scope, |db| async move { find(&db, scope, user).await }).await
    }
}

pub(super) async fn find<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    user: UserId,
) -> Result<Option<Member>> {
    let row = Entity::find_by_id((visible::workspace(scope), user.uuid())).one(db).await?;
    Ok(told(db, row.into_iter().collect()).await?.pop())
}

/// The rows with who the users are and what their roles are called.
async fn told<C: ConnectionTrait>(db: &C, rows: Vec<Model>) -> Result<Vec<Member>> {
    let users = user::Entity::find()
        .filter(user::Column::Id.is_in(rows.iter().map(|row| row.user_id)))
        .all(db)
        .await?;
    let roles = role::Entity::find()
        .filter(role::Column::Id.is_in(rows.iter().filter_map(|row| row.role_id)))
        .all(db)
        .await?;
    let mut members = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(user) = users.iter().find(|user| user.id == row.user_id) else { continue };
        let role = codec::role_ref(row.role.as_deref(), row.role_id, "members.role")?;
        let workspace = vpaura_domain::WorkspaceId::from_uuid(row.workspace_id);
        members.push(Member {
            user_id: UserId::from_uuid(row.user_id),
            email: user.email.clone(),
            username: user.username.clone(),
            full_name: user.full_name.clone(),
            role,
            role_name: role_name(role, &roles),
            permissions: permissions_of(db, workspace, role).await?,
            created_at: Timestamp::from_millis(row.created_at),
        });
    }
    Ok(members)
}
