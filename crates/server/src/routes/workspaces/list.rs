//! `GET /workspaces`.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use vpaura_domain::Membership;

use crate::access::Caller;
use crate::problem::Problem;
use crate::routes::responses::Denied;
use crate::state::AppState;

/// The caller's workspaces.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Workspaces {
    /// Each with the caller's role in it, in the order of joining.
    items: Vec<Membership>,
}

/// Lists the workspaces that the caller is a member of; the operator's key sees all.
#[utoipa::path(
    get, path = "/workspaces", tag = "workspaces",
    responses((status = 200, description = "The workspaces", body = Workspaces), Denied),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<axum::Json<Workspaces>, Problem> {
    let items = state.engine.list_workspaces(&caller.scope).await?;
    Ok(axum::Json(Workspaces { items }))
}
