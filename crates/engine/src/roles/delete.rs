//! Deletes a role that nobody has.

use serde_json::json;
use vpaura_domain::{Origin, Permission, RoleId, Scope};
use vpaura_store::{Revocation, RevocationKind};

use crate::audit::Deed;
use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// Deletes the role, unless a member has it or an invitation offers it.
    pub async fn delete_role(&self, scope: &Scope, origin: &Origin, id: RoleId) -> Result<()> {
        scope.require(Permission::RolesWrite)?;
        let entry = self.entry(scope, origin, Deed::to("role.deleted", "role", id, json!({})));
        if !self.store.delete_role(scope, id, &entry, self.clock.now()).await? {
            return Err(Error::NotFound(Thing::Role));
        }
        self.revoke(&[Revocation { kind: RevocationKind::Role, subject: id.uuid() }]).await;
        Ok(())
    }
}
