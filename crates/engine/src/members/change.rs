//! Gives a member another role.

use serde_json::json;
use vpaura_domain::{Member, Origin, Permission, RoleRef, Scope, UserId};
use vpaura_store::{Revocation, RevocationKind};

use crate::audit::Deed;
use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// Gives the member another role. The actor holds all that both roles allow, and a workspace
    /// keeps an owner.
    pub async fn change_member_role(
        &self,
        scope: &Scope,
        origin: &Origin,
        member: UserId,
        role: RoleRef,
    ) -> Result<Member> {
        scope.require(Permission::MembersWrite)?;
        let missing = || Error::NotFound(Thing::Member);
        let before = self.store.get_member(scope, member).await?.ok_or_else(missing)?;
        let details = json!({ "from": before.role, "to": role });
        let deed = Deed::to("member.role_changed", "user", member, details);
        let entry = self.entry(scope, origin, deed);
        let now = self.clock.now();
        let changed = self.store.change_member_role(scope, member, role, &entry, now).await?;
        self.revoke(&[Revocation { kind: RevocationKind::Member, subject: member.uuid() }]).await;
        changed.ok_or_else(missing)
    }
}
