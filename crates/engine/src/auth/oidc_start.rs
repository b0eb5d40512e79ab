//! Sends somebody to an identity provider.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vpaura_auth::{OidcError, PendingSignIn};

use super::{Arrival, IdentityProvider};
use crate::{Engine, Error, Result, Thing};

/// How long somebody may take at the provider.
pub(super) const WAIT: Duration = Duration::from_secs(10 * 60);
const MAX_PATH_BYTES: usize = 1_024;

/// Where to send the browser, and how to know it again.
#[derive(Debug)]
pub struct OidcStart {
    /// The provider's page.
    pub url: String,
    /// For a cookie of this browser: no other one can end what it began.
    pub binding: SecretString,
    /// How long the cookie is of use.
    pub life: Duration,
}

/// What is kept meanwhile.
#[derive(Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) provider: String,
    pub(super) pending: PendingSignIn,
    pub(super) return_to: String,
}

impl Engine {
    /// Begins a sign-in by the provider of this name. Afterwards the browser goes to `return_to`,
    /// a path here.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown provider, [`Error::Invalid`] for a path that leads
    /// elsewhere, [`Error::ProviderFailed`], [`Error::RateLimited`].
    pub async fn begin_oidc(
        &self,
        id: &str,
        return_to: Option<&str>,
        arrival: &Arrival,
    ) -> Result<OidcStart> {
        self.admit_attempt(arrival).await?;
        let provider = self.identity_provider(id)?;
        let return_to = local_path(return_to.unwrap_or("/"))?;
        let start = provider.provider.start(&*self.entropy).await.map_err(failed)?;
        let mut random = [0; 32];
        self.entropy.fill(&mut random);
        let binding = random.iter().fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        let waiting = Waiting { provider: provider.id.clone(), pending: start.pending, return_to };
        let waiting = serde_json::to_vec(&waiting)
            .map_err(|error| Error::Internal(format!("a sign-in cannot be kept: {error}")))?;
        self.kv.set(&waiting_key(&binding), Bytes::from(waiting), WAIT).await;
        Ok(OidcStart { url: start.url.into(), binding: binding.into(), life: WAIT })
    }

    pub(super) fn identity_provider(&self, id: &str) -> Result<&IdentityProvider> {
        let found = self.providers.iter().find(|provider| provider.id == id);
        found.ok_or(Error::NotFound(Thing::Provider))
    }
}

/// Kept by its hash, so that who reads the cache cannot end other people's sign-ins.
pub(super) fn waiting_key(binding: &str) -> String {
    format!("oidc:{:x}", Sha256::digest(binding.as_bytes()))
}

/// A path on this server: never an address that leads elsewhere.
fn local_path(path: &str) -> Result<String> {
    let second = path.as_bytes().get(1);
    let leads_away = !path.starts_with('/') || matches!(second, Some(b'/' | b'\\'));
    let odd = path.len() > MAX_PATH_BYTES || path.chars().any(|c| c.is_control() || c == '\\');
    if leads_away || odd {
        return Err(Error::invalid("return_to", "must be a path on this server"));
    }
    Ok(path.to_owned())
}

/// What went wrong with the provider. Only what an operator can mend goes to the log.
pub(super) fn failed(error: OidcError) -> Error {
    match error {
        OidcError::NotOurs => Error::TokenRefused,
        OidcError::Refused { code } => Error::ProviderRefused(code),
        error => {
            tracing::warn!(%error, "an identity provider failed");
            Error::ProviderFailed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_server_are_returned_to() {
        for path in ["/", "/c/1?x=y#z", "/sign-in?next=%2F"] {
            assert_eq!(local_path(path).expect(path), path);
        }
        let long = format!("/{}", "a".repeat(MAX_PATH_BYTES));
        for path in [
            "",
            "c",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\nb",
            "/a\\b",
            &long,
        ] {
            assert!(local_path(path).is_err(), "{path:?}");
        }
    }
}
