//! `POST /auth/login/second-factor`.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use super::doorstep::Doorstep;
use super::signed_in::{SignedInBody, answer};
use crate::extract::Json;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid};
use crate::state::AppState;

/// The second step of a sign-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "challenge_token": "eyJ…", "code": "123456" }))]
pub(crate) struct SecondFactor {
    /// From the first step.
    #[schema(value_type = String)]
    challenge_token: SecretString,
    /// Six digits of the app, or a recovery code.
    #[schema(value_type = String, max_length = 256)]
    code: SecretString,
}

/// Ends a sign-in with the second factor. A code works once, and so does a challenge.
#[utoipa::path(
    post, path = "/auth/login/second-factor", tag = "auth", security(()),
    request_body = SecondFactor,
    responses(
        (status = 200, description = "The user is in", body = SignedInBody),
        Invalid, Denied,
    ),
)]
pub(crate) async fn second_factor(
    State(state): State<AppState>,
    door: Doorstep,
    Json(body): Json<SecondFactor>,
) -> Result<Response, Problem> {
    let (challenge, code) = (body.challenge_token.expose_secret(), body.code.expose_secret());
    let signed_in = state.engine.finish_sign_in(challenge, code, &door.arrival).await?;
    Ok(answer(StatusCode::OK, signed_in, door.is_secure))
}
