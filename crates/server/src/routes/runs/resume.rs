//! `POST /runs/{id}/resume`.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use vpaura_domain::RunId;

use super::RunView;
use crate::access::Caller;
use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// Answers to a run's questions.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "answers": { "3:call_tool[0]#approve:call_1": { "approved": true } },
}))]
pub(crate) struct Resume {
    /// At least 1 and at most 64 answers, by the ids of the questions. A question of kind
    /// `approve_tool` is answered with true, with false, or with an object that has `approved` and
    /// perhaps a `reason` of at most 2,000 characters.
    answers: BTreeMap<String, Value>,
}

/// Answers what a run waits for. It goes on when all its questions are answered: follow it at
/// `GET /runs/{id}/events?after=N`, where N is its last number.
#[utoipa::path(
    post, path = "/runs/{id}/resume", tag = "runs", params(("id" = RunId, Path)),
    request_body = Resume,
    responses((status = 200, description = "The run", body = RunView), Invalid, Denied, Missing),
)]
pub(crate) async fn resume(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<RunId>,
    Json(body): Json<Resume>,
) -> Result<axum::Json<RunView>, Problem> {
    let run = state.engine.resume_run(&caller.scope, id, body.answers).await?;
    Ok(axum::Json(run.into()))
}
