//! `GET /users/me`.

use axum::extract::State;
use vpaura_engine::Me;

use crate::access::Caller;
use crate::problem::Problem;
use crate::routes::responses::Denied;
use crate::state::AppState;

/// Shows the caller, the workspace where they act, and what they may do there.
#[utoipa::path(
    get, path = "/users/me", tag = "users",
    responses((status = 200, description = "The caller", body = Me), Denied),
)]
pub(crate) async fn me(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<axum::Json<Me>, Problem> {
    Ok(axum::Json(state.engine.me(&caller.scope).await?))
}
