//! Sets a budget.

use serde_json::json;
use vpaura_domain::{
    Budget, BudgetId, BudgetPeriod, BudgetUnit, Origin, Permission, Scope, Spender,
};

use super::KIND;
use crate::audit::Deed;
use crate::{Engine, Error, Result};

/// The largest amount: a thousand million dollars, or as many million tokens.
const MAX_AMOUNT: u64 = 1_000_000_000_000_000;

/// What is to be limited, and to how much.
#[derive(Debug, Clone, Copy)]
pub struct NewBudget {
    /// Whose spending.
    pub spender: Spender,
    /// Per what.
    pub period: BudgetPeriod,
    /// In what.
    pub unit: BudgetUnit,
    /// How much; 0 allows nothing.
    pub amount: u64,
}

impl Engine {
    /// Sets a budget, in place of the one of the same spender, period and unit. What was used in
    /// the present period already counts. Runs under way are not stopped.
    pub async fn set_budget(
        &self,
        scope: &Scope,
        new: NewBudget,
        origin: &Origin,
    ) -> Result<Budget> {
        scope.require(Permission::BudgetsWrite)?;
        if new.amount > MAX_AMOUNT {
            return Err(Error::invalid("amount", format!("must be at most {MAX_AMOUNT}")));
        }
        let NewBudget { spender, period, unit, amount } = new;
        let id = BudgetId::generate(&*self.ids);
        let budget = Budget { id, spender, period, unit, amount, created_at: self.clock.now() };
        let details = json!({
            "spender": spender, "period": period, "unit": unit, "amount": amount,
        });
        let entry = self.entry(scope, origin, Deed::to("budget.set", KIND, id, details));
        let set = self.store.set_budget(scope, &budget, &entry).await?;
        self.budgets.forget(scope.workspace_id);
        Ok(set)
    }
}
