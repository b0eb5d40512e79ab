//! `POST /auth/password/reset`.

use axum::extract::State;
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use super::doorstep::Doorstep;
use crate::extract::Json;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid};
use crate::state::AppState;

/// A new password, and what allows to set it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "token": "vpp_…", "password": "seven sober otters sing" }))]
pub(crate) struct ResetPassword {
    /// From the link; works once.
    #[schema(value_type = String)]
    token: SecretString,
    /// The new password.
    #[schema(value_type = String, max_length = 256)]
    password: SecretString,
}

/// Sets a new password with the link of who forgot it. All sign-ins of the user end.
#[utoipa::path(
    post, path = "/auth/password/reset", tag = "auth", security(()),
    request_body = ResetPassword,
    responses((status = 204, description = "Set"), Invalid, Denied),
)]
pub(crate) async fn reset_password(
    State(state): State<AppState>,
    door: Doorstep,
    Json(body): Json<ResetPassword>,
) -> Result<StatusCode, Problem> {
    let password = body.password.expose_secret();
    state.engine.reset_password(&body.token, password, &door.arrival).await?;
    Ok(StatusCode::NO_CONTENT)
}
