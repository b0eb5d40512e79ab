//! `GET /runs/{id}`.

use axum::extract::State;
use vpaura_domain::RunId;

use super::RunView;
use crate::access::Caller;
use crate::extract::Path;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Reads a run, with the questions that it waits for.
#[utoipa::path(
    get, path = "/runs/{id}", tag = "runs", params(("id" = RunId, Path)),
    responses((status = 200, description = "The run", body = RunView), BadAddress, Denied, Missing),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<RunId>,
) -> Result<axum::Json<RunView>, Problem> {
    Ok(axum::Json(state.engine.run_detail(&caller.scope, id).await?.into()))
}
