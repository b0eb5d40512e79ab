//! Accepts an invitation.

use serde_json::json;
use vpaura_domain::{Membership, Origin, Scope, Subject};
use vpaura_store::{Acceptance, Revocation, RevocationKind};

use super::token_hash;
use crate::audit::{Deed, actor};
use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// Makes the signed-in user a member, if the invitation is for their address. Of two at once,
    /// one wins.
    pub async fn accept_invitation(
        &self,
        scope: &Scope,
        origin: &Origin,
        token: &str,
    ) -> Result<Membership> {
        let Subject::User { id: user_id, .. } = scope.subject else {
            return Err(Error::Forbidden("only a signed-in user can accept an invitation"));
        };
        let open = self.look_at_invitation(token).await?;
        let (workspace_id, invitation) = (open.workspace_id, &open.invitation);
        let deeds = [
            Deed::to("invitation.accepted", "invitation", invitation.id, json!({})),
            Deed::to("member.joined", "user", user_id, json!({ "role": invitation.role })),
        ];
        let entries =
            deeds.map(|deed| self.entry_in(Some(workspace_id), actor(scope), origin, deed));
        let acceptance = Acceptance {
            token_hash: token_hash(token)?.as_str().to_owned(),
            workspace_id,
            user_id,
            entries: entries.to_vec(),
            now: self.clock.now(),
        };
        self.store.accept_invitation(acceptance).await?;
        self.revoke(&[Revocation { kind: RevocationKind::Member, subject: user_id.uuid() }]).await;
        let joined = self.store.list_memberships(user_id).await?;
        let joined = joined.into_iter().find(|it| it.workspace.id == workspace_id);
        joined.ok_or(Error::NotFound(Thing::Workspace))
    }
}
