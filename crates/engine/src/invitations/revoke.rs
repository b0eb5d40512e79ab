//! Withdraws an invitation.

use serde_json::json;
use vpaura_domain::{InvitationId, Origin, Permission, Scope};

use crate::audit::Deed;
use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// Withdraws an open invitation: its link leads nowhere any more.
    pub async fn revoke_invitation(
        &self,
        scope: &Scope,
        origin: &Origin,
        id: InvitationId,
    ) -> Result<()> {
        scope.require(Permission::MembersWrite)?;
        let deed = Deed::to("invitation.revoked", "invitation", id, json!({}));
        let entry = self.entry(scope, origin, deed);
        match self.store.revoke_invitation(scope, id, &entry).await? {
            true => Ok(()),
            false => Err(Error::NotFound(Thing::Invitation)),
        }
    }
}
