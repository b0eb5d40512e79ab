//! `GET /sessions/current`.

use axum::extract::State;
use vpaura_domain::Session;
use vpaura_engine::{Error, Thing};

use crate::access::Caller;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Reads the caller's own session. The operator has none.
#[utoipa::path(
    get, path = "/sessions/current", tag = "sessions",
    responses(
        (status = 200, description = "The session", body = Session),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn current(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<axum::Json<Session>, Problem> {
    let own = caller.scope.session_id().ok_or(Error::NotFound(Thing::Session))?;
    Ok(axum::Json(state.engine.get_session(&caller.scope, own).await?))
}
