//! `DELETE /workspaces/{id}/budgets/{budget_id}`.

use axum::extract::State;
use http::StatusCode;
use vpaura_domain::{BudgetId, WorkspaceId};

use crate::access::Caller;
use crate::extract::Path;
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Deletes a budget: nothing is limited by it any more.
#[utoipa::path(
    delete, path = "/workspaces/{id}/budgets/{budget_id}", tag = "budgets",
    params(("id" = WorkspaceId, Path), ("budget_id" = BudgetId, Path)),
    responses((status = 204, description = "Deleted"), BadAddress, Denied, Missing),
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, budget_id)): Path<(WorkspaceId, BudgetId)>,
    Whence(origin): Whence,
) -> Result<StatusCode, Problem> {
    let scope = state.engine.scope_in(&caller.scope, id).await?;
    state.engine.delete_budget(&scope, budget_id, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
