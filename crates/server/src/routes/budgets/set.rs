//! `POST /workspaces/{id}/budgets`.

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use vpaura_domain::{Budget, BudgetPeriod, BudgetUnit, Spender, WorkspaceId};
use vpaura_engine::NewBudget;

use crate::access::Caller;
use crate::extract::{Json, Path};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// What is to be limited, and to how much.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "spender": "workspace", "period": "month", "unit": "tokens", "amount": 1_000_000,
}))]
pub(crate) struct SetBudget {
    /// Whose spending: `"workspace"`, or `{"user": id}`, `{"chatbot": id}`, `{"api_key": id}`.
    spender: Spender,
    /// After what it is whole again.
    period: BudgetPeriod,
    /// What is counted.
    unit: BudgetUnit,
    /// How much: tokens, or millionths of a US dollar. 0 allows nothing.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_000_u64)]
    amount: u64,
}

/// Sets a budget, in place of the one of the same spender, period and unit.
///
/// What was used in the present period already counts. A request that might spend more than is
/// left is refused with 429 and code `BUDGET_EXCEEDED` before any model is asked.
#[utoipa::path(
    post, path = "/workspaces/{id}/budgets", tag = "budgets", request_body = SetBudget,
    params(("id" = WorkspaceId, Path)),
    responses((status = 201, description = "The budget", body = Budget), Invalid, Denied, Missing),
)]
pub(crate) async fn set(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<WorkspaceId>,
    Whence(origin): Whence,
    Json(body): Json<SetBudget>,
) -> Result<(StatusCode, axum::Json<Budget>), Problem> {
    let scope = state.engine.scope_in(&caller.scope, id).await?;
    let SetBudget { spender, period, unit, amount } = body;
    let new = NewBudget { spender, period, unit, amount };
    let set = state.engine.set_budget(&scope, new, &origin).await?;
    Ok((StatusCode::CREATED, axum::Json(set)))
}
