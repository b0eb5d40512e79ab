//! `GET /workspaces/{id}/budgets`.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use vpaura_domain::{BudgetState, WorkspaceId};

use crate::access::Caller;
use crate::extract::Path;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// The budgets of a workspace.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BudgetListing {
    /// The budgets, the oldest first.
    items: Vec<BudgetState>,
}

/// Lists the workspace's budgets and where each stands.
#[utoipa::path(
    get, path = "/workspaces/{id}/budgets", tag = "budgets",
    params(("id" = WorkspaceId, Path)),
    responses(
        (status = 200, description = "The budgets", body = BudgetListing),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<WorkspaceId>,
) -> Result<axum::Json<BudgetListing>, Problem> {
    let scope = state.engine.scope_in(&caller.scope, id).await?;
    Ok(axum::Json(BudgetListing { items: state.engine.list_budgets(&scope).await? }))
}
