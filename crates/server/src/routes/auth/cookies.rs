//! The cookies of users who are signed in. No script can read them.

use std::time::Duration;

use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use secrecy::{ExposeSecret, SecretString};
use vpaura_engine::SignedIn;

use crate::access::SESSION_COOKIE;

/// Carries the access token.
pub(crate) const ACCESS_COOKIE: &str = "access_token";
/// Carries the refresh token, to these routes alone.
pub(crate) const REFRESH_COOKIE: &str = "refresh_token";
/// Knows the browser again that went to an identity provider.
pub(crate) const BINDING_COOKIE: &str = "oidc_sign_in";

const REFRESH_PATH: &str = "/api/v1/auth";
const BINDING_PATH: &str = "/api/v1/auth/oidc";

/// Both tokens; the visitor that the user was is gone. The access token's cookie outlives the token:
/// who comes with an old one is told so and can refresh it, where without one they would be taken for
/// a visitor.
pub(super) fn of_signed_in(signed_in: &SignedIn, is_secure: bool) -> CookieJar {
    let access = signed_in.access_token.expose_secret();
    let refresh = signed_in.refresh_token.expose_secret();
    CookieJar::new()
        .add(cookie(ACCESS_COOKIE, access, "/", signed_in.refresh_life, is_secure))
        .add(cookie(REFRESH_COOKIE, refresh, REFRESH_PATH, signed_in.refresh_life, is_secure))
        .add(cookie(SESSION_COOKIE, "", "/", Duration::ZERO, is_secure))
}

/// None of them any more.
pub(super) fn of_signed_out(is_secure: bool) -> CookieJar {
    CookieJar::new()
        .add(cookie(ACCESS_COOKIE, "", "/", Duration::ZERO, is_secure))
        .add(cookie(REFRESH_COOKIE, "", REFRESH_PATH, Duration::ZERO, is_secure))
        .add(cookie(SESSION_COOKIE, "", "/", Duration::ZERO, is_secure))
}

/// That this browser went to an identity provider.
pub(super) fn of_binding(binding: &SecretString, life: Duration, is_secure: bool) -> CookieJar {
    let binding = binding.expose_secret();
    CookieJar::new().add(cookie(BINDING_COOKIE, binding, BINDING_PATH, life, is_secure))
}

/// Back from there.
pub(super) fn without_binding(jar: CookieJar, is_secure: bool) -> CookieJar {
    jar.add(cookie(BINDING_COOKIE, "", BINDING_PATH, Duration::ZERO, is_secure))
}

fn cookie(
    name: &'static str,
    value: &str,
    path: &'static str,
    life: Duration,
    is_secure: bool,
) -> Cookie<'static> {
    let cookie = Cookie::build((name, value.to_owned()))
        .path(path)
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_secure);
    if life.is_zero() {
        return cookie.removal().build();
    }
    cookie
        .max_age(time::Duration::seconds(i64::try_from(life.as_secs()).unwrap_or(i64::MAX)))
        .build()
}
