//! Lists the workspaces of the caller.

use vpaura_domain::{BuiltinRole, Membership, RoleRef, Scope, Subject};

use crate::{Engine, Error, Result};

impl Engine {
    /// The workspaces that the caller can act in: a user's memberships, all for the operator (as
    /// an owner), the key's own. Visitors have none.
    pub async fn list_workspaces(&self, scope: &Scope) -> Result<Vec<Membership>> {
        match scope.subject {
            Subject::User { id, .. } => Ok(self.store.list_memberships(id).await?),
            Subject::ApiKey { user, .. } => {
                let mut all = self.store.list_memberships(user).await?;
                all.retain(|membership| membership.workspace.id == scope.workspace_id);
                Ok(all)
            }
            Subject::Operator | Subject::System => {
                let workspaces = self.store.list_workspaces().await?;
                let as_owner = workspaces.into_iter().map(|workspace| Membership {
                    workspace,
                    role: RoleRef::Builtin(BuiltinRole::Owner),
                    role_name: BuiltinRole::Owner.name().to_owned(),
                });
                Ok(as_owner.collect())
            }
            Subject::Session(_) => Err(Error::Forbidden("visitors have no workspaces")),
        }
    }
}
