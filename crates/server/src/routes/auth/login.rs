//! `POST /auth/login`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vpaura_engine::SignInStep;

use super::cookies;
use super::doorstep::Doorstep;
use super::signed_in::SignedInBody;
use crate::extract::Json;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid};
use crate::state::AppState;

/// Who says that they are a user.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "ada@example.org", "password": "seven sober otters sing" }))]
pub(crate) struct Login {
    /// The e-mail address or the username.
    #[schema(max_length = 254)]
    email: String,
    /// The password.
    #[schema(value_type = String, max_length = 256)]
    password: SecretString,
}

/// The password was right; the second factor is missing.
#[derive(Serialize, ToSchema)]
pub(crate) struct Challenge {
    /// Always true.
    second_factor_required: bool,
    /// Goes with the code to `POST /auth/login/second-factor`; works for five minutes.
    challenge_token: String,
}

/// What follows from the right password.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum LoginAnswer {
    /// The user is in.
    SignedIn(Box<SignedInBody>),
    /// The second factor is missing.
    Challenge(Challenge),
}

/// Signs in with a password. What the caller had as a visitor becomes the user's. Whoever is
/// refused is told the same, after the same time: unknown, suspended, or with another password.
#[utoipa::path(
    post, path = "/auth/login", tag = "auth", security(()), request_body = Login,
    responses(
        (
            status = 200, description = "The user is in, or their second factor is missing",
            body = LoginAnswer,
        ),
        Invalid, Denied,
    ),
)]
pub(crate) async fn login(
    State(state): State<AppState>,
    door: Doorstep,
    Json(body): Json<Login>,
) -> Result<Response, Problem> {
    let password = body.password.expose_secret();
    match state.engine.sign_in(&body.email, password, &door.arrival).await? {
        SignInStep::Done(signed_in) => {
            let cookies = cookies::of_signed_in(&signed_in, door.is_secure);
            let body = LoginAnswer::SignedIn(Box::new(SignedInBody::of(*signed_in)));
            Ok((cookies, [(CACHE_CONTROL, "no-store")], axum::Json(body)).into_response())
        }
        SignInStep::SecondFactor { challenge } => {
            let challenge_token = challenge.expose_secret().to_owned();
            let challenge = Challenge { second_factor_required: true, challenge_token };
            let answer = axum::Json(LoginAnswer::Challenge(challenge));
            Ok(([(CACHE_CONTROL, "no-store")], answer).into_response())
        }
    }
}
