//! `POST /users/me/second-factor/confirm`.

use axum::extract::State;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use super::recovery_codes::ShownRecoveryCodes;
use crate::access::Caller;
use crate::extract::Json;
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// Proof that the app has the secret.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfirmSecondFactor {
    /// Six digits of the app.
    #[schema(value_type = String, max_length = 16)]
    code: SecretString,
}

/// Turns the second factor on. From now on signing in takes it.
#[utoipa::path(
    post, path = "/users/me/second-factor/confirm", tag = "users",
    request_body = ConfirmSecondFactor,
    responses(
        (
            status = 200, description = "For when the app is lost; they are shown once",
            body = ShownRecoveryCodes,
        ),
        Invalid, Denied, Missing,
    ),
)]
pub(crate) async fn confirm_second_factor(
    State(state): State<AppState>,
    caller: Caller,
    Whence(origin): Whence,
    Json(body): Json<ConfirmSecondFactor>,
) -> Result<axum::Json<ShownRecoveryCodes>, Problem> {
    let code = body.code.expose_secret();
    let codes = state.engine.confirm_second_factor(&caller.scope, code, &origin).await?;
    Ok(axum::Json(codes.into()))
}
