//! Where a user is a member, and as what.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;
use vpaura_domain::{PermissionSet, RoleRef, UserId, WorkspaceId};

use crate::codec;
use crate::error::{Result, StoreError};
use crate::store::Store;
use crate::within::Within;

/// A user's place in a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// Its name.
    pub workspace_name: String,
    /// The user's role there.
    pub role: RoleRef,
    /// The role's name.
    pub role_name: String,
    /// What it allows.
    pub permissions: PermissionSet,
}

#[derive(FromQueryResult)]
struct Row {
    workspace_id: Uuid,
    workspace_name: String,
    role: Option<String>,
    role_id: Option<Uuid>,
    role_name: Option<String>,
    permissions: Option<String>,
}

const SELECT: &str = "
SELECT members.workspace_id, workspaces.name AS workspace_name, members.role, members.role_id,
    roles.name AS role_name, roles.permissions
FROM members
JOIN workspaces ON workspaces.id = members.workspace_id AND workspaces.status = 'active'
LEFT JOIN roles ON roles.id = members.role_id
WHERE members.user_id = $1
ORDER BY members.created_at, members.workspace_id";

impl Store {
    /// The user's workspaces that are in use, in the order in which they joined.
    pub async fn standings_of(&self, user: UserId) -> Result<Vec<Standing>> {
        self.read(Within::Installation, |db| async move {
            let backend = db.get_database_backend();
            let ask = Statement::from_sql_and_values(backend, SELECT, [user.uuid().into()]);
            Row::find_by_statement(ask)
                .all(&db)
                .await?
                .into_iter()
                .map(Standing::try_from)
                .collect()
        })
        .await
    }
}

impl TryFrom<Row> for Standing {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let role = codec::role_ref(row.role.as_deref(), row.role_id, "members.role")?;
        let (role_name, permissions) = match (role, row.role_name, row.permissions) {
            (RoleRef::Builtin(ready), ..) => (ready.name().to_owned(), ready.permissions()),
            (RoleRef::Custom(_), Some(name), Some(list)) => {
                (name, codec::from_text(&list, "roles.permissions")?)
            }
            _ => {
                return Err(StoreError::Corrupt {
                    column: "members.role_id",
                    reason: "there is no such role".to_owned(),
                });
            }
        };
        Ok(Self {
            workspace_id: WorkspaceId::from_uuid(row.workspace_id),
            workspace_name: row.workspace_name,
            role,
            role_name,
            permissions,
        })
    }
}
