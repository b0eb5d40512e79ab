//! The budgets of a workspace, kept in memory for a few seconds: most have none, and a turn there
//! must not cost a look.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use vpaura_domain::{Budget, Scope, WorkspaceId};

use crate::{Engine, Result};

/// How long a budget that is set on another server takes to bite here at most.
const BELIEF: Duration = Duration::from_secs(5);
const KEPT: u64 = 10_000;

/// The budgets of workspaces in use.
#[derive(Debug)]
pub(crate) struct KnownBudgets(Cache<WorkspaceId, Arc<[Budget]>>);

impl KnownBudgets {
    pub(crate) fn new() -> Self {
        Self(Cache::builder().max_capacity(KEPT).time_to_live(BELIEF).build())
    }

    /// Forgets those of a workspace: they have changed.
    pub(crate) fn forget(&self, workspace: WorkspaceId) {
        self.0.invalidate(&workspace);
    }
}

impl Engine {
    /// The workspace's budgets.
    pub(super) async fn known_budgets(&self, workspace: WorkspaceId) -> Result<Arc<[Budget]>> {
        if let Some(known) = self.budgets.0.get(&workspace) {
            return Ok(known);
        }
        let budgets: Arc<[Budget]> = self.store.budgets(&Scope::system(workspace)).await?.into();
        self.budgets.0.insert(workspace, Arc::clone(&budgets));
        Ok(budgets)
    }
}
