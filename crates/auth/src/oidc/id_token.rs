//! Which ID tokens prove something.

use chrono::{DateTime, Utc};
use openidconnect::core::CoreJwsSigningAlgorithm;
use openidconnect::{
    AccessTokenHash, ClaimsVerificationError, ClientId, Nonce, OAuth2TokenResponse,
    SignatureVerificationError, TokenResponse,
};
use vpaura_domain::Timestamp;

use super::OidcError;
use super::error::reason;
use super::protocol::{IdClaims, Metadata, Tokens, Verifier};

/// How old a token may be, and how far from the future.
const MAX_AGE_SECONDS: i64 = 600;
const LEEWAY_SECONDS: i64 = 60;

/// Signatures by a key pair. Never `none`, and never a shared secret: the public key would do as
/// one.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::EdDsa,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
];

/// Why a token was not accepted.
pub(super) enum Rejection {
    /// It may be signed with a key that is newer than the description.
    UnknownKey,
    /// It proves nothing.
    Invalid(OidcError),
}

/// The claims of the ID token, once everything about it has been checked.
pub(super) fn verify<'a>(
    tokens: &'a Tokens,
    nonce: &Nonce,
    metadata: &Metadata,
    client_id: &str,
    now: Timestamp,
) -> Result<&'a IdClaims, Rejection> {
    let invalid = |why| Rejection::Invalid(OidcError::IdToken(why));
    let token = tokens.id_token().ok_or_else(|| invalid("there is none"))?;
    let now = DateTime::from_timestamp_millis(now.millis()).unwrap_or_default();
    let verifier = verifier(metadata, client_id, now);
    let claims = token.claims(&verifier, nonce).map_err(|error| match error {
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey,
        ) => Rejection::UnknownKey,
        error => invalid(reason(&error)),
    })?;
    // The access token must be the one that came with this ID token.
    if let Some(expected) = claims.access_token_hash() {
        let broken = || invalid("its signature does not hold");
        let algorithm = token.signing_alg().map_err(|_| broken())?;
        let key = token.signing_key(&verifier).map_err(|_| broken())?;
        let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key)
            .map_err(|_| broken())?;
        if actual != *expected {
            return Err(invalid("the access token is another's"));
        }
    }
    Ok(claims)
}

/// Without our client secret, so that no token can be verified with it.
fn verifier(metadata: &Metadata, client_id: &str, now: DateTime<Utc>) -> Verifier<'static> {
    let announced = metadata.id_token_signing_alg_values_supported();
    let allowed: Vec<_> = ALGORITHMS.into_iter().filter(|one| announced.contains(one)).collect();
    let keys = metadata.jwks().clone();
    Verifier::new_public_client(
        ClientId::new(client_id.to_owned()),
        metadata.issuer().clone(),
        keys,
    )
    .set_allowed_algs(allowed)
    .set_time_fn(move || now)
    .set_issue_time_verifier_fn(move |issued| {
        let age = now.timestamp().saturating_sub(issued.timestamp());
        if (-LEEWAY_SECONDS..=MAX_AGE_SECONDS).contains(&age) {
            Ok(())
        } else {
            Err("issued at another time".to_owned())
        }
    })
}
