//! `POST /auth/switch`.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use vpaura_domain::WorkspaceId;

use super::doorstep::Doorstep;
use super::signed_in::{SignedInBody, answer};
use crate::access::Caller;
use crate::extract::Json;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// Where to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Switch {
    /// A workspace that the user is a member of.
    workspace_id: WorkspaceId,
}

/// Goes on in another workspace, in the same session. The next sign-in leads there too.
#[utoipa::path(
    post, path = "/auth/switch", tag = "auth", request_body = Switch,
    responses(
        (status = 200, description = "The user, there", body = SignedInBody),
        Invalid, Denied, Missing,
    ),
)]
pub(crate) async fn switch(
    State(state): State<AppState>,
    caller: Caller,
    door: Doorstep,
    Json(body): Json<Switch>,
) -> Result<Response, Problem> {
    let origin = &door.arrival.origin;
    let signed_in = state.engine.switch_workspace(&caller.scope, body.workspace_id, origin).await?;
    Ok(answer(StatusCode::OK, signed_in, door.is_secure))
}
