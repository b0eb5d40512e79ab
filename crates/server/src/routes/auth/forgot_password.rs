//! `POST /auth/password/forgot`.

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::doorstep::Doorstep;
use crate::extract::Json;
use crate::problem::Problem;
use crate::routes::responses::{Invalid, Limited};
use crate::state::AppState;

/// Who forgot.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "ada@example.org" }))]
pub(crate) struct ForgotPassword {
    /// The address.
    #[schema(max_length = 254)]
    email: String,
}

/// Sends a link to set a new password, if this is a user's address. The answer is the same if not.
#[utoipa::path(
    post, path = "/auth/password/forgot", tag = "auth", security(()),
    request_body = ForgotPassword,
    responses((status = 202, description = "Noted"), Invalid, Limited),
)]
pub(crate) async fn forgot_password(
    State(state): State<AppState>,
    door: Doorstep,
    Json(body): Json<ForgotPassword>,
) -> Result<StatusCode, Problem> {
    state.engine.forgot_password(&body.email, &door.arrival).await?;
    Ok(StatusCode::ACCEPTED)
}
