//! `POST /auth/logout`.

use axum::extract::State;
use axum_extra::extract::CookieJar;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::cookies;
use super::doorstep::Doorstep;
use crate::access::Newcomer;
use crate::extract::Json;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid};
use crate::state::AppState;

/// How far out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub(crate) struct Logout {
    /// Whether all sign-ins of the user end, on all devices.
    #[serde(default)]
    everywhere: bool,
}

/// Signs out: the session ends at the server, and the cookies are cleared. Who is not signed in
/// gets the same answer.
#[utoipa::path(
    post, path = "/auth/logout", tag = "auth", request_body = Logout,
    security((), ("session_cookie" = []), ("session_token" = [])),
    responses((status = 204, description = "Out"), Invalid, Denied),
)]
pub(crate) async fn logout(
    State(state): State<AppState>,
    Newcomer(anyone): Newcomer,
    door: Doorstep,
    Json(body): Json<Logout>,
) -> Result<(StatusCode, CookieJar), Problem> {
    let (scope, refresh) = (anyone.scope.as_ref(), door.refresh.as_ref());
    let origin = &door.arrival.origin;
    state.engine.sign_out(scope, refresh, body.everywhere, origin).await?;
    Ok((StatusCode::NO_CONTENT, cookies::of_signed_out(door.is_secure)))
}
