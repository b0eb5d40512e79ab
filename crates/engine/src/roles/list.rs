//! Lists roles.

use vpaura_domain::{CustomRole, Permission, Scope};

use crate::{Engine, Result};

impl Engine {
    /// The workspace's own roles, by name. Those that every workspace has are
    /// [`BuiltinRole::ALL`](vpaura_domain::BuiltinRole::ALL).
    pub async fn list_roles(&self, scope: &Scope) -> Result<Vec<CustomRole>> {
        scope.require(Permission::MembersRead)?;
        Ok(self.store.list_roles(scope).await?)
    }
}
