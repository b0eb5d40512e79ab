//! Lists budgets.

use vpaura_domain::{BudgetState, Permission, Scope};

use crate::{Engine, Result};

impl Engine {
    /// The workspace's budgets, the oldest first, and where each stands.
    pub async fn list_budgets(&self, scope: &Scope) -> Result<Vec<BudgetState>> {
        scope.require(Permission::BudgetsRead)?;
        Ok(self.store.budget_states(scope, self.clock.now()).await?)
    }
}
