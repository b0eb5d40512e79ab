//! Begins to delete a workspace. From here on nobody reaches it; the rest is background work.

use serde_json::json;
use vpaura_domain::{Origin, Permission, Scope, WorkspaceId};
use vpaura_store::{Revocation, RevocationKind};

use crate::audit::{Deed, actor};
use crate::{Engine, Error, Result};

impl Engine {
    /// Deletes the scope's workspace with all that it holds: conversations, files, members, keys
    /// and its part of the audit log. What was done stays in the installation's log.
    pub async fn delete_workspace(&self, scope: &Scope, origin: &Origin) -> Result<()> {
        scope.require(Permission::WorkspaceDelete)?;
        let id = scope.workspace_id;
        if id == WorkspaceId::DEFAULT {
            return Err(Error::Conflict("the default workspace cannot be deleted"));
        }
        let workspace = self.get_workspace(scope).await?;
        let details = json!({ "name": workspace.name });
        let deed = Deed::to("workspace.deleted", "workspace", id, details);
        let entry = self.entry_in(None, actor(scope), origin, deed);
        self.store.begin_workspace_removal(scope, &entry, self.clock.now()).await?;
        self.revoke(&[Revocation { kind: RevocationKind::Workspace, subject: id.uuid() }]).await;
        self.removals.notify_one();
        Ok(())
    }
}
