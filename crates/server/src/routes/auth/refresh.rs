//! `POST /auth/refresh`.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use vpaura_engine::Error;

use super::doorstep::Doorstep;
use super::signed_in::{SignedInBody, answer};
use crate::extract::Json;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid};
use crate::state::AppState;

/// The refresh token, where it is not in the cookie.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub(crate) struct Refresh {
    /// The last one that was given.
    #[schema(value_type = Option<String>)]
    refresh_token: Option<SecretString>,
}

/// Trades the refresh token for the next pair of tokens. Each works once: one that comes a second
/// time was copied, and ends the session it belongs to.
#[utoipa::path(
    post, path = "/auth/refresh", tag = "auth", security(()), request_body = Refresh,
    responses(
        (status = 200, description = "The next pair of tokens", body = SignedInBody),
        Invalid, Denied,
    ),
)]
pub(crate) async fn refresh(
    State(state): State<AppState>,
    door: Doorstep,
    Json(body): Json<Refresh>,
) -> Result<Response, Problem> {
    let token = body.refresh_token.or(door.refresh).ok_or(Error::TokenRefused)?;
    let signed_in = state.engine.refresh(&token, &door.arrival).await?;
    Ok(answer(StatusCode::OK, signed_in, door.is_secure))
}
