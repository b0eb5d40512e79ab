//! Secrets that say nothing: random texts that are handed out once and stored as a hash.
//!
//! Each is 43 characters of `[0-9A-Za-z]` behind a prefix by which people, logs and scanners of
//! leaked secrets know it. 62⁴³ is just above 2²⁵⁶. A plain SHA-256 is enough to store them: there
//! is nothing to guess.

mod api_key;

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::Entropy;
use crate::entropy::characters;

pub use api_key::ApiKey;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SECRET_CHARS: usize = 43;

/// The text is no token of the kind that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid token")]
pub struct OpaqueTokenError;

/// What a token is for. Its prefix says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// `vpr_…`: gives a new access token.
    Refresh,
    /// `vpi_…`: lets its bearer into a workspace.
    Invitation,
    /// `vpp_…`: lets its bearer set a new password.
    PasswordReset,
}

impl TokenKind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Refresh => "vpr_",
            Self::Invitation => "vpi_",
            Self::PasswordReset => "vpp_",
        }
    }
}

/// A random token. Its text is shown once and never printed by accident.
#[derive(Clone)]
pub struct OpaqueToken {
    kind: TokenKind,
    text: SecretString,
}

impl OpaqueToken {
    /// A new token with 256 bits of `entropy`.
    pub fn generate(kind: TokenKind, entropy: &dyn Entropy) -> Self {
        let secret = characters(entropy, ALPHABET, SECRET_CHARS);
        Self { kind, text: format!("{}{secret}", kind.prefix()).into() }
    }

    /// Reads a token of this kind. Nothing is trimmed or corrected.
    ///
    /// # Errors
    /// [`OpaqueTokenError`] for any other text, empty ones and tokens of other kinds among them.
    pub fn parse(kind: TokenKind, text: &str) -> Result<Self, OpaqueTokenError> {
        let secret = text.strip_prefix(kind.prefix()).ok_or(OpaqueTokenError)?;
        if !is_secret(secret) {
            return Err(OpaqueTokenError);
        }
        Ok(Self { kind, text: text.into() })
    }

    /// What it is for.
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// The text to hand out.
    pub fn text(&self) -> &SecretString {
        &self.text
    }

    /// What to store in its place.
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(self.text.expose_secret())
    }
}

impl fmt::Debug for OpaqueToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.kind.prefix())
    }
}

/// The SHA-256 of a token in 64 hexadecimal digits. Two are compared in constant time.
#[derive(Debug, Clone, Eq)]
pub struct TokenHash(String);

impl TokenHash {
    pub(crate) fn of(text: &str) -> Self {
        Self(data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes())))
    }

    /// The digits, for the database.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the hash that was stored. An empty or broken stored text never is.
    pub fn matches(&self, stored: &str) -> bool {
        self.0.as_bytes().ct_eq(stored.as_bytes()).into()
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.matches(&other.0)
    }
}

impl fmt::Display for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_secret(text: &str) -> bool {
    text.len() == SECRET_CHARS && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::{OsEntropy, SeededEntropy};

    const KINDS: [TokenKind; 3] =
        [TokenKind::Refresh, TokenKind::Invitation, TokenKind::PasswordReset];

    #[test]
    fn a_token_has_its_prefix_and_43_characters() {
        let token = OpaqueToken::generate(TokenKind::Refresh, &SeededEntropy::new(7));
        insta::assert_snapshot!(token.text().expose_secret(), @"vpr_kZOzskkj4x6CoeIAb3BmYdTsSn3uq7HtKu8BroTXHxX");
        insta::assert_snapshot!(token.hash(), @"c456d150c1144952b7c4131ca7a70ae4d08c43aae6f9789ecaf9e018f6a789f4");
        assert_eq!(format!("{token:?}"), "vpr_…");
    }

    #[test]
    fn the_hash_is_plain_sha_256_in_hexadecimal() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(TokenHash::of("abc").as_str(), abc);
    }

    #[test]
    fn a_token_passes_as_its_own_kind_only() {
        for made in KINDS {
            let token = OpaqueToken::generate(made, &OsEntropy);
            for asked in KINDS {
                let read = OpaqueToken::parse(asked, token.text().expose_secret());
                assert_eq!(
                    read.map(|read| read.hash()).ok(),
                    (made == asked).then(|| token.hash())
                );
            }
        }
    }

    #[rstest]
    #[case("")]
    #[case(" ")]
    #[case("null")]
    #[case("0")]
    #[case("[]")]
    #[case("vpr_")]
    #[case("vpr_ 0123456789012345678901234567890123456789012")]
    #[case("vpr_012345678901234567890123456789012345678901")]
    #[case("vpr_01234567890123456789012345678901234567890123")]
    #[case("vpr_012345678901234567890123456789012345678901_")]
    #[case(" vpr_0123456789012345678901234567890123456789012")]
    #[case("vpr_0123456789012345678901234567890123456789012\n")]
    #[case("VPR_0123456789012345678901234567890123456789012")]
    #[case("vpr_012345678901234567890123456789012345678901\0")]
    #[case("vpr_01234567890123456789012345678901234567890é")]
    fn what_is_no_token_is_refused(#[case] text: &str) {
        assert_eq!(OpaqueToken::parse(TokenKind::Refresh, text).err(), Some(OpaqueTokenError));
    }

    #[test]
    fn a_stored_nothing_never_matches() {
        let hash = OpaqueToken::generate(TokenKind::Invitation, &OsEntropy).hash();
        assert!(hash.matches(hash.as_str()));
        for stored in ["", "null", &hash.as_str()[..20], &hash.as_str().to_uppercase()] {
            assert!(!hash.matches(stored), "{stored:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_only_tokens_pass(text in "\\PC*|vpr_[0-9A-Za-z]{40,46}") {
            let secret = text.strip_prefix("vpr_").unwrap_or_default();
            let good = secret.len() == 43;
            prop_assert_eq!(OpaqueToken::parse(TokenKind::Refresh, &text).is_ok(), good);
        }

        #[test]
        fn tokens_that_share_a_beginning_share_nothing(seed in any::<u64>(), at in 4..47_usize) {
            let token = OpaqueToken::generate(TokenKind::Refresh, &SeededEntropy::new(seed));
            let mut other = token.text().expose_secret().to_owned().into_bytes();
            other[at] = if other[at] == b'0' { b'1' } else { b'0' };
            let other = String::from_utf8(other).expect("ASCII");
            let other = OpaqueToken::parse(TokenKind::Refresh, &other).expect("a token");
            prop_assert_ne!(other.hash(), token.hash());
        }
    }
}
