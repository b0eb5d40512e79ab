//! Creates a role.

use serde_json::json;
use vpaura_domain::{CustomRole, Origin, Permission, PermissionSet, RoleId, Scope};

use super::{checked_name, checked_permissions};
use crate::audit::Deed;
use crate::idempotency::Idempotency;
use crate::{Engine, Result};

impl Engine {
    /// Creates a role. The actor holds all that it allows.
    pub async fn create_role(
        &self,
        scope: &Scope,
        origin: &Origin,
        name: &str,
        permissions: PermissionSet,
        idempotency: Option<Idempotency>,
    ) -> Result<CustomRole> {
        scope.require(Permission::RolesWrite)?;
        let (id, now) = (RoleId::generate(&*self.ids), self.clock.now());
        let role = CustomRole {
            id,
            name: checked_name(name)?,
            permissions: checked_permissions(permissions)?,
            created_at: now,
            updated_at: now,
        };
        let details = json!({ "name": role.name, "permissions": role.permissions });
        let entry = self.entry(scope, origin, Deed::to("role.created", "role", id, details));
        let key = idempotency.map(Into::into);
        let created = self.store.create_role(scope, &role, &entry, key.as_ref()).await?;
        Ok(created.into_inner())
    }
}
