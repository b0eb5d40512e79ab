//! Where a user acts, and what they see of themselves there.

use serde::Serialize;
use utoipa::ToSchema;
use vpaura_domain::{PermissionSet, RoleRef, User, WorkspaceId};

use crate::authenticate::with_installation;
use crate::{Engine, Result};

/// A workspace by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MyWorkspace {
    /// Its id.
    pub id: WorkspaceId,
    /// Its name.
    pub name: String,
}

/// The caller, where they act.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Me {
    /// Who.
    #[serde(flatten)]
    pub user: User,
    /// Where. Who is a member of no workspace is in the default one, where they may do nothing but
    /// accept invitations.
    pub workspace: MyWorkspace,
    /// Their role there: a name, or a custom role's id.
    #[schema(value_type = Option<String>)]
    pub role: Option<RoleRef>,
    /// The role's name.
    pub role_name: Option<String>,
    /// What they may do, there and on the installation.
    pub permissions: PermissionSet,
}

impl Me {
    /// The workspace that their tokens are for.
    pub(super) const fn workspace_id(&self) -> WorkspaceId {
        self.workspace.id
    }
}

impl Engine {
    /// The user in the workspace that they want, else in the first of theirs.
    pub(crate) async fn user_in(&self, user: User, wanted: Option<WorkspaceId>) -> Result<Me> {
        let mut standings = self.store.standings_of(user.id).await?;
        let at = standings.iter().position(|place| Some(place.workspace_id) == wanted).unwrap_or(0);
        if at >= standings.len() {
            let name = self.settings.app_name.clone();
            return Ok(Me {
                workspace: MyWorkspace { id: WorkspaceId::DEFAULT, name },
                role: None,
                role_name: None,
                permissions: with_installation(PermissionSet::NONE, user.is_owner),
                user,
            });
        }
        let place = standings.swap_remove(at);
        Ok(Me {
            workspace: MyWorkspace { id: place.workspace_id, name: place.workspace_name },
            role: Some(place.role),
            role_name: Some(place.role_name),
            permissions: with_installation(place.permissions, user.is_owner),
            user,
        })
    }
}
