//! What goes with a browser to the provider, and what comes back.

use std::fmt;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use url::Url;

use crate::Entropy;
use crate::entropy::characters;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 256 bits; also the fewest characters that a PKCE verifier may have (RFC 7636 §4.1).
const CHARS: usize = 43;

/// A sign-in that waits for its answer. Keep it where only the browser that began can bring it
/// back, for example sealed in an `HttpOnly` cookie, for some minutes, and use it once.
#[derive(Clone, Serialize, Deserialize)]
pub struct PendingSignIn {
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
}

impl PendingSignIn {
    pub(super) fn generate(entropy: &dyn Entropy) -> Self {
        let [state, nonce, verifier] = [(); 3].map(|()| characters(entropy, ALPHABET, CHARS));
        Self { state, nonce, verifier }
    }

    /// Whether the state that came back is ours. A missing or empty one is not.
    pub(super) fn is_of_state(&self, state: &str) -> bool {
        self.state.len() == CHARS && bool::from(self.state.as_bytes().ct_eq(state.as_bytes()))
    }
}

impl fmt::Debug for PendingSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PendingSignIn")
    }
}

/// The first step of a sign-in.
#[derive(Debug, Clone)]
pub struct SignInStart {
    /// Where to send the browser.
    pub url: Url,
    /// What to keep for its return.
    pub pending: PendingSignIn,
}

/// The query with which the browser came back from the provider.
#[derive(Clone, Deserialize, Default)]
pub struct Callback {
    /// The state that was sent along.
    pub state: Option<String>,
    /// The code to exchange.
    pub code: Option<SecretString>,
    /// Who answers (RFC 9207).
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Callback")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededEntropy;

    #[test]
    fn only_the_same_state_is_ours() {
        let pending = PendingSignIn::generate(&SeededEntropy::new(1));
        assert!(pending.is_of_state(&pending.state));
        for state in ["", "null", &pending.nonce, &pending.state[..42]] {
            assert!(!pending.is_of_state(state), "{state:?}");
        }
        // One that was kept badly matches nothing, not even its like.
        let emptied = PendingSignIn { state: String::new(), ..pending };
        assert!(!emptied.is_of_state(""));
    }

    #[test]
    fn a_pending_sign_in_can_be_kept_and_is_not_printed() {
        let pending = PendingSignIn::generate(&SeededEntropy::new(1));
        let kept = serde_json::to_string(&pending).expect("serialises");
        let back: PendingSignIn = serde_json::from_str(&kept).expect("parses");
        assert_eq!(back.verifier, pending.verifier);
        assert_eq!(format!("{pending:?}"), "PendingSignIn");
        assert_ne!(pending.state, pending.nonce);
        assert_eq!(format!("{:?}", Callback::default()), "Callback");
    }
}
