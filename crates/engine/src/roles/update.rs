//! Changes a role, for all who have it.

use serde_json::json;
use vpaura_domain::{CustomRole, Origin, Permission, PermissionSet, RoleId, Scope};
use vpaura_store::{Revocation, RevocationKind, RoleChanges};

use super::{checked_name, checked_permissions};
use crate::audit::Deed;
use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// Gives the role another name or other permissions. The actor holds all that it allows,
    /// before and after.
    pub async fn update_role(
        &self,
        scope: &Scope,
        origin: &Origin,
        id: RoleId,
        name: Option<&str>,
        permissions: Option<PermissionSet>,
    ) -> Result<CustomRole> {
        scope.require(Permission::RolesWrite)?;
        let changes = RoleChanges {
            name: name.map(checked_name).transpose()?,
            permissions: permissions.map(checked_permissions).transpose()?,
        };
        let details = json!({ "name": changes.name, "permissions": changes.permissions });
        let entry = self.entry(scope, origin, Deed::to("role.updated", "role", id, details));
        let now = self.clock.now();
        let updated = self.store.update_role(scope, id, &changes, &entry, now).await?;
        let updated = updated.ok_or(Error::NotFound(Thing::Role))?;
        self.revoke(&[Revocation { kind: RevocationKind::Role, subject: id.uuid() }]).await;
        Ok(updated)
    }
}
