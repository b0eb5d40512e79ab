//! Deletes a budget.

use serde_json::json;
use vpaura_domain::{BudgetId, Origin, Permission, Scope};

use super::KIND;
use crate::audit::Deed;
use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// Deletes the budget: nothing is limited by it any more.
    pub async fn delete_budget(&self, scope: &Scope, id: BudgetId, origin: &Origin) -> Result<()> {
        scope.require(Permission::BudgetsWrite)?;
        let deed = Deed::to("budget.deleted", KIND, id, json!({}));
        let entry = self.entry(scope, origin, deed);
        let deleted = self.store.delete_budget(scope, id, &entry).await?;
        self.budgets.forget(scope.workspace_id);
        if deleted { Ok(()) } else { Err(Error::NotFound(Thing::Budget)) }
    }
}
