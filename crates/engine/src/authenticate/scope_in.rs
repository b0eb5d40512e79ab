//! From one workspace into another.

use vpaura_domain::{PermissionSet, Scope, Subject, WorkspaceId};

use super::with_installation;
use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// The caller's scope in the workspace: a user's by their membership there, the operator's
    /// anywhere; keys and visitors have none but their own.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the caller has no business there, or there is no such workspace.
    pub async fn scope_in(&self, scope: &Scope, workspace: WorkspaceId) -> Result<Scope> {
        let missing = || Error::NotFound(Thing::Workspace);
        let permissions = match scope.subject {
            Subject::User { id, .. } => {
                let user = self.store.member_principal(id, workspace).await?;
                let user = user.ok_or(Error::Unauthorized)?;
                let role = user.permissions.ok_or_else(missing)?;
                with_installation(role, user.is_owner)
            }
            Subject::Operator | Subject::System => {
                if !self.store.is_active_workspace(workspace).await? {
                    return Err(missing());
                }
                PermissionSet::ALL
            }
            Subject::Session(_) | Subject::ApiKey { .. } if workspace == scope.workspace_id => {
                scope.permissions
            }
            Subject::Session(_) | Subject::ApiKey { .. } => return Err(missing()),
        };
        Ok(Scope { workspace_id: workspace, permissions, ..*scope })
    }
}
