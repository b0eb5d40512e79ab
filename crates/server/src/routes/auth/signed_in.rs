//! What a user gets who is in.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CACHE_CONTROL;
use secrecy::ExposeSecret;
use serde::Serialize;
use utoipa::ToSchema;
use vpaura_engine::{Me, SignedIn};

use super::cookies;

/// A user who is in. The tokens are in cookies too.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedIn)]
pub(crate) struct SignedInBody {
    /// Proves the user, as a bearer token.
    access_token: String,
    /// Gives the next pair of tokens, once.
    refresh_token: String,
    /// Always `bearer`.
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// Seconds until the access token ends.
    expires_in: u64,
    /// The user.
    user: Me,
}

impl SignedInBody {
    pub(super) fn of(signed_in: SignedIn) -> Self {
        Self {
            access_token: signed_in.access_token.expose_secret().to_owned(),
            refresh_token: signed_in.refresh_token.expose_secret().to_owned(),
            token_type: "bearer",
            expires_in: signed_in.expires_in.as_secs(),
            user: signed_in.user,
        }
    }
}

/// The answer with its cookies.
pub(super) fn answer(status: StatusCode, signed_in: SignedIn, is_secure: bool) -> Response {
    let cookies = cookies::of_signed_in(&signed_in, is_secure);
    let kept = [(CACHE_CONTROL, "no-store")];
    (status, cookies, kept, axum::Json(SignedInBody::of(signed_in))).into_response()
}
