//! Which budgets a run takes from.

use vpaura_domain::{Budget, Run, RunId, Scope, Spender, UserId, WorkspaceId};
use vpaura_store::Spend;

use crate::{Engine, Result};

impl Engine {
    /// The budgets that a run of the caller's takes from; mostly none.
    pub(crate) async fn budgets_of(&self, scope: &Scope, run: &Run) -> Result<Vec<Budget>> {
        let known = self.known_budgets(scope.workspace_id).await?;
        let user = spending_user(scope, run);
        let applies = |budget: &&Budget| match budget.spender {
            Spender::Workspace => true,
            Spender::User(id) => user == Some(id),
            Spender::Chatbot(id) => run.chatbot_id == Some(id),
            Spender::ApiKey(id) => run.api_key_id == Some(id),
        };
        Ok(known.iter().filter(applies).copied().collect())
    }

    /// Sees to it that a run that takes from budgets has `total` set aside.
    pub(crate) async fn set_aside(
        &self,
        workspace: WorkspaceId,
        run_id: RunId,
        total: Spend,
    ) -> Result<()> {
        Ok(self.store.raise_reservations(workspace, run_id, total).await?)
    }
}

/// Who spends: who asks, by themselves or with a key; else whose conversation it is.
pub(crate) fn spending_user(scope: &Scope, run: &Run) -> Option<UserId> {
    scope.user_id().or(run.user_id)
}
