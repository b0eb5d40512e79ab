//! `GET /auth/status`.

use axum::extract::State;
use vpaura_engine::AuthStatus;

use crate::access::Stranger;
use crate::problem::Problem;
use crate::routes::responses::Limited;
use crate::state::AppState;

/// Says how one comes in here: whether the first user is still to come, who may register, and with
/// whom one can sign in.
#[utoipa::path(
    get, path = "/auth/status", tag = "auth", security(()),
    responses((status = 200, description = "How one comes in", body = AuthStatus), Limited),
)]
pub(crate) async fn status(
    State(state): State<AppState>,
    _stranger: Stranger,
) -> Result<axum::Json<AuthStatus>, Problem> {
    Ok(axum::Json(state.engine.auth_status().await?))
}
