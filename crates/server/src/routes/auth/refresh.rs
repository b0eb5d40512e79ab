//! `POST /auth/refresh`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use vpaura_engine::Error;

use super::cookies;
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
    let by_cookie = body.refresh_token.is_none();
    let token = body.refresh_token.or(door.refresh).ok_or(Error::TokenRefused)?;
    match state.engine.refresh(&token, &door.arrival).await {
        Ok(signed_in) => Ok(answer(StatusCode::OK, signed_in, door.is_secure)),
        // The browser's tokens are of no use any more, and would keep it from being a visitor.
        Err(error @ Error::TokenRefused) if by_cookie => {
            Ok((cookies::of_signed_out(door.is_secure), Problem::from(error)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
