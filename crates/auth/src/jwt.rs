//! Signed tokens that carry what they say: JWTs (RFC 7519) with HMAC-SHA-256.
//!
//! Each kind has its own `typ` and `aud`, so that none passes for another (RFC 8725 §3.11, §3.12).
//! Whatever is wrong with a token, the answer is the same [`TokenError`].

mod access;
mod mfa;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use vpaura_domain::Timestamp;

pub use access::{AccessClaims, AccessTokens};
pub use mfa::{MfaClaims, MfaTokens};

const ISSUER: &str = "vpaura";
/// How far the clocks of two servers may be apart: a token may be that much from the future. No
/// token lives longer for it.
const LEEWAY_SECONDS: i64 = 60;
/// No token of ours is near it.
const MAX_BYTES: usize = 4_096;

/// The token was not signed by us, is malformed, is for something else, has ended or not begun.
/// Which of them it was is not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid token")]
pub struct TokenError;

/// One kind of token: signs and verifies claims of the type that goes with it.
struct Jwt {
    header: Header,
    audience: &'static str,
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

/// When a token holds, in seconds since 1970.
struct Times {
    iat: i64,
    nbf: i64,
    exp: i64,
}

impl Jwt {
    fn new(secret: &SecretString, typ: &str, audience: &'static str) -> Self {
        let secret = secret.expose_secret().as_bytes();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        // Times are checked against the injected clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Self {
            header: Header { typ: Some(typ.to_owned()), ..Header::new(Algorithm::HS256) },
            audience,
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
        }
    }

    fn sign(&self, claims: &impl Serialize) -> Result<String, TokenError> {
        jsonwebtoken::encode(&self.header, claims, &self.encoding).map_err(|_| TokenError)
    }

    /// The claims of a token that is ours, of this kind, and holds at `now`.
    fn verify<C: DeserializeOwned>(
        &self,
        token: &str,
        now: Timestamp,
        times: impl FnOnce(&C) -> Times,
    ) -> Result<C, TokenError> {
        if token.len() > MAX_BYTES {
            return Err(TokenError);
        }
        let token = jsonwebtoken::decode::<C>(token, &self.decoding, &self.validation)
            .map_err(|_| TokenError)?;
        let Times { iat, nbf, exp } = times(&token.claims);
        let now = seconds(now);
        let holds = now < exp && nbf.max(iat) <= now.saturating_add(LEEWAY_SECONDS);
        if token.header.typ == self.header.typ && holds {
            Ok(token.claims)
        } else {
            Err(TokenError)
        }
    }
}

fn seconds(at: Timestamp) -> i64 {
    at.millis().div_euclid(1_000)
}

fn timestamp(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds.saturating_mul(1_000))
}
