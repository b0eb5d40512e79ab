//! What can go wrong on the way to a provider and back. Nothing here holds a secret, a code or a
//! token.

use openidconnect::core::CoreErrorResponseType;
use openidconnect::{
    ClaimsVerificationError, DiscoveryError, RequestTokenError, StandardErrorResponse,
    UserInfoError,
};

use super::http::FetchError;
use crate::text::is_invisible;

/// The most characters of a reason that a provider gives.
const MAX_REASON_CHARS: usize = 200;

/// Why a sign-in by a provider failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    /// The settings cannot work.
    #[error("the provider's settings are wrong: {0}")]
    Settings(String),
    /// The provider cannot be reached, or not in time.
    #[error("the provider cannot be reached for its {what}: {why}")]
    Unreachable {
        /// What was asked for.
        what: &'static str,
        /// Why there was no answer.
        why: String,
    },
    /// The provider's answer cannot be used.
    #[error("the provider's {what} cannot be used: {why}")]
    Answer {
        /// What was asked for.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The provider said no: the user declined, or the code was used, old or another browser's.
    #[error("the provider refused: {code}")]
    Refused {
        /// The error code of RFC 6749, for example `access_denied` or `invalid_grant`.
        code: String,
    },
    /// The answer does not belong to the sign-in that was started: another state or issuer, or
    /// no code.
    #[error("the answer does not belong to this sign-in")]
    NotOurs,
    /// The ID token does not prove anything.
    #[error("the provider's ID token is not valid: {0}")]
    IdToken(&'static str),
}

impl OidcError {
    pub(super) fn of_fetch(what: &'static str, error: &FetchError) -> Self {
        Self::Unreachable { what, why: error.to_string() }
    }

    pub(super) fn of_discovery(error: &DiscoveryError<FetchError>) -> Self {
        const WHAT: &str = "description";
        let why = match error {
            DiscoveryError::Request(error) => return Self::of_fetch(WHAT, error),
            DiscoveryError::Parse(error) => format!("{} is missing or wrong", error.path()),
            DiscoveryError::Response(status, ..) => format!("it answered {status}"),
            // Names the issuer that was expected and the one that was found.
            DiscoveryError::Validation(why) => why.clone(),
            other => other.to_string(),
        };
        Self::answer(WHAT, &why)
    }

    pub(super) fn of_exchange(
        error: &RequestTokenError<FetchError, StandardErrorResponse<CoreErrorResponseType>>,
    ) -> Self {
        const WHAT: &str = "tokens";
        match error {
            RequestTokenError::Request(error) => Self::of_fetch(WHAT, error),
            RequestTokenError::ServerResponse(answer) => Self::refused(answer.error().as_ref()),
            // The answer itself may hold a token.
            RequestTokenError::Parse(error, _) => {
                Self::answer(WHAT, &format!("{} is missing or wrong", error.path()))
            }
            RequestTokenError::Other(_) => Self::answer(WHAT, "it answered with an error"),
        }
    }

    pub(super) fn of_user_info(error: &UserInfoError<FetchError>) -> Self {
        const WHAT: &str = "user information";
        let why = match error {
            UserInfoError::Request(error) => return Self::of_fetch(WHAT, error),
            UserInfoError::ClaimsVerification(error) => reason(error).to_owned(),
            UserInfoError::Parse(error) => format!("{} is missing or wrong", error.path()),
            UserInfoError::Response(status, ..) => format!("it answered {status}"),
            _ => "it is not what the standard says".to_owned(),
        };
        Self::answer(WHAT, &why)
    }

    /// The provider chooses some of the words, so they are cut and made visible.
    pub(super) fn answer(what: &'static str, why: &str) -> Self {
        let visible = why.chars().filter(|c| !is_invisible(*c));
        Self::Answer { what, why: visible.take(MAX_REASON_CHARS).collect() }
    }

    /// An error code from outside: kept when it looks like one.
    pub(super) fn refused(code: &str) -> Self {
        let plain = |c: char| c.is_ascii_lowercase() || c == '_';
        let known = code.len() <= 40 && !code.is_empty() && code.chars().all(plain);
        Self::Refused { code: if known { code } else { "unknown" }.to_owned() }
    }
}

/// A reason without the contents of the token.
pub(super) const fn reason(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "it has expired",
        ClaimsVerificationError::InvalidAudience(_) => "it is for somebody else",
        ClaimsVerificationError::InvalidIssuer(_) => "it is from somebody else",
        ClaimsVerificationError::InvalidNonce(_) => "it is for another sign-in",
        ClaimsVerificationError::InvalidSubject(_) => "it is about somebody else",
        ClaimsVerificationError::SignatureVerification(_) => "its signature does not hold",
        _ => "it is not what the standard says",
    }
}
