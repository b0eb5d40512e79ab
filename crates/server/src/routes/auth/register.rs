//! `POST /auth/register`.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use vpaura_engine::Registration;

use super::doorstep::Doorstep;
use super::signed_in::{SignedInBody, answer};
use crate::extract::Json;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// Who wants to register.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "ada@example.org", "password": "seven sober otters sing" }))]
pub(crate) struct Register {
    /// The address; unique whatever the case.
    #[schema(max_length = 254)]
    email: String,
    /// The password: 15 characters or more unless configured otherwise, and not easy to guess.
    #[schema(value_type = String, max_length = 256)]
    password: SecretString,
    /// The name here; one is made of the address where absent.
    #[schema(min_length = 3, max_length = 64)]
    username: Option<String>,
    /// The person's name.
    #[schema(max_length = 200)]
    full_name: Option<String>,
    /// The token of the invitation's link.
    #[schema(value_type = Option<String>)]
    invitation_token: Option<SecretString>,
}

/// Registers and signs in. The first user of all owns the installation; after that it is by the
/// policy: open, by invitation, or closed.
#[utoipa::path(
    post, path = "/auth/register", tag = "auth", security(()), request_body = Register,
    responses(
        (status = 201, description = "The user is in", body = SignedInBody),
        Invalid, Denied, Missing,
    ),
)]
pub(crate) async fn register(
    State(state): State<AppState>,
    door: Doorstep,
    Json(body): Json<Register>,
) -> Result<Response, Problem> {
    let Register { email, password, username, full_name, invitation_token } = body;
    let new = Registration { email, password, username, full_name, invitation: invitation_token };
    let signed_in = state.engine.register(new, &door.arrival).await?;
    Ok(answer(StatusCode::CREATED, signed_in, door.is_secure))
}
