//! Removes a member, or lets one leave.

use serde_json::json;
use vpaura_domain::{Origin, Permission, Scope, Subject, UserId};
use vpaura_store::{Revocation, RevocationKind};

use crate::audit::Deed;
use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// Removes the member with the API keys that they made here. Their conversations stay, out of
    /// everybody's sight but the operator's. Whoever is signed in may remove themselves.
    pub async fn remove_member(
        &self,
        scope: &Scope,
        origin: &Origin,
        member: UserId,
    ) -> Result<()> {
        let leaves = matches!(scope.subject, Subject::User { id, .. } if id == member);
        if !leaves {
            scope.require(Permission::MembersWrite)?;
        }
        let deed = Deed::to("member.removed", "user", member, json!({ "left": leaves }));
        let entry = self.entry(scope, origin, deed);
        let now = self.clock.now();
        if !self.store.remove_member(scope, member, &entry, now).await? {
            return Err(Error::NotFound(Thing::Member));
        }
        self.revoke(&[Revocation { kind: RevocationKind::Member, subject: member.uuid() }]).await;
        Ok(())
    }
}
