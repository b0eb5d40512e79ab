//! Who stands at the door: from where, and as which visitor until now.

use axum::extract::FromRequestParts;
use axum_extra::extract::CookieJar;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use secrecy::SecretString;
use vpaura_engine::Arrival;

use super::cookies::{BINDING_COOKIE, REFRESH_COOKIE};
use crate::access::{SESSION_COOKIE, Stranger};
use crate::client_address::Client;
use crate::origin;
use crate::problem::Problem;
use crate::state::AppState;

/// Somebody who has still to prove who they are. A credential that has expired or is another's
/// must not keep them out; a visitor's session that holds is noted.
#[derive(Debug)]
pub(crate) struct Doorstep {
    /// From where, and as whom until now.
    pub(super) arrival: Arrival,
    /// Whether cookies are to be sent over HTTPS alone.
    pub(super) is_secure: bool,
    /// The refresh token that the browser keeps.
    pub(super) refresh: Option<SecretString>,
    /// What the browser got when it went to an identity provider.
    pub(super) binding: Option<SecretString>,
}

impl FromRequestParts<AppState> for Doorstep {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        Stranger::from_request_parts(parts, state).await?;
        let jar = CookieJar::from_headers(&parts.headers);
        let kept = |name| jar.get(name).map(|cookie| SecretString::from(cookie.value().to_owned()));
        let behind_https = state.public_url.as_ref().is_some_and(|url| url.starts_with("https:"));
        let client = parts.extensions.get::<Client>();
        let mut visitor = None;
        for token in
            jar.get(SESSION_COOKIE).map(|it| it.value()).into_iter().chain(bearer(&parts.headers))
        {
            if let Ok(scope) = state.engine.authenticate_session(token).await {
                visitor = scope.visitor();
            }
        }
        Ok(Self {
            arrival: Arrival { origin: origin::of(parts), visitor },
            is_secure: behind_https || client.is_some_and(|client| client.is_secure),
            refresh: kept(REFRESH_COOKIE),
            binding: kept(BINDING_COOKIE),
        })
    }
}

/// The bearer token, which may be a visitor's.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
