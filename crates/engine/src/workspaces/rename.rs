//! Renames a workspace.

use serde_json::json;
use vpaura_domain::{Origin, Permission, Scope, Workspace};

use super::checked_name;
use crate::audit::Deed;
use crate::{Engine, Result};

impl Engine {
    /// Gives the scope's workspace another name.
    pub async fn rename_workspace(
        &self,
        scope: &Scope,
        origin: &Origin,
        name: &str,
    ) -> Result<Workspace> {
        scope.require(Permission::WorkspaceWrite)?;
        let name = checked_name(name)?;
        let details = json!({ "name": name });
        let deed = Deed::to("workspace.renamed", "workspace", scope.workspace_id, details);
        let entry = self.entry(scope, origin, deed);
        Ok(self.store.rename_workspace(scope, &name, &entry, self.clock.now()).await?)
    }
}
