//! Removes the workspaces that are being deleted: now, and after a restart those that a killed
//! server left half-way.

use std::time::Duration;

use serde_json::json;
use vpaura_domain::{Actor, Origin, WorkspaceId};
use vpaura_store::Removed;

use crate::audit::Deed;
use crate::{Engine, Result};

/// How long runs that are being stopped are given before what they wrote last is removed.
const SETTLE: Duration = Duration::from_millis(500);
/// How often a workspace is emptied again before that is left to the next look.
const ROUNDS: u32 = 20;

impl Engine {
    /// Removes what is to be removed until the engine stops.
    pub(crate) async fn remove_workspaces(&self) {
        let failing = "a workspace could not be removed; it is tried again";
        self.keep_clean(&self.removals, failing, || self.remove_all_marked()).await;
    }

    async fn remove_all_marked(&self) -> Result<()> {
        for id in self.store.workspaces_to_remove().await? {
            self.remove_workspace(id).await?;
        }
        Ok(())
    }

    /// Every step can be interrupted and begun again; several servers may do it at once.
    async fn remove_workspace(&self, id: WorkspaceId) -> Result<()> {
        for _ in 0..ROUNDS {
            self.store.empty_workspace(id).await?;
            self.remove_released_contents().await?;
            let tables = vpaura_store::Store::workspace_tables();
            let deed = Deed::to("workspace.removed", "workspace", id, json!({ "empty": tables }));
            let entry = self.entry_in(None, Actor::System, &Origin::default(), deed);
            match self.store.finish_workspace_removal(id, &entry).await? {
                Removed::Gone(_) => return Ok(()),
                Removed::NotYet { left } => {
                    tracing::info!(workspace.id = %id, ?left, "rows came while it was removed");
                }
            }
            tokio::time::sleep(SETTLE).await;
        }
        Ok(())
    }
}
