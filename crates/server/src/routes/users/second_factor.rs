//! `POST` and `DELETE /users/me/second-factor`.

use axum::extract::State;
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::Caller;
use crate::extract::Json;
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// A secret for an authenticator app.
#[derive(Serialize, ToSchema)]
pub(crate) struct BegunSecondFactor {
    /// To be typed.
    secret: String,
    /// To be drawn as a code.
    #[schema(example = "otpauth://totp/VPAura:ada%40example.org?secret=…")]
    uri: String,
}

/// Proof that it is the user who turns it on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BeginSecondFactor {
    /// The password.
    #[schema(value_type = String, max_length = 256)]
    password: SecretString,
}

/// Makes a secret for an authenticator app. It counts once it is confirmed by a code.
#[utoipa::path(
    post, path = "/users/me/second-factor", tag = "users", request_body = BeginSecondFactor,
    responses(
        (status = 200, description = "The secret; it is shown once", body = BegunSecondFactor),
        Invalid, Denied, Missing,
    ),
)]
pub(crate) async fn begin_second_factor(
    State(state): State<AppState>,
    caller: Caller,
    Json(body): Json<BeginSecondFactor>,
) -> Result<axum::Json<BegunSecondFactor>, Problem> {
    let password = body.password.expose_secret();
    let begun = state.engine.begin_second_factor(&caller.scope, password).await?;
    Ok(axum::Json(BegunSecondFactor {
        secret: begun.secret.expose_secret().to_owned(),
        uri: begun.uri.expose_secret().to_owned(),
    }))
}

/// Proof that it is the user who turns it off.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemoveSecondFactor {
    /// The password.
    #[schema(value_type = String, max_length = 256)]
    password: SecretString,
    /// Six digits of the app, or a recovery code.
    #[schema(value_type = String, max_length = 256)]
    code: SecretString,
}

/// Turns the second factor off.
#[utoipa::path(
    delete, path = "/users/me/second-factor", tag = "users", request_body = RemoveSecondFactor,
    responses((status = 204, description = "Off"), Invalid, Denied, Missing),
)]
pub(crate) async fn remove_second_factor(
    State(state): State<AppState>,
    caller: Caller,
    Whence(origin): Whence,
    Json(body): Json<RemoveSecondFactor>,
) -> Result<StatusCode, Problem> {
    let (password, code) = (body.password.expose_secret(), body.code.expose_secret());
    state.engine.remove_second_factor(&caller.scope, password, code, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
