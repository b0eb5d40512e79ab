//! The credential of a machine: `vpk_<id>_<secret><checksum>`.
//!
//! The id is public and shown in lists. The checksum tells a mistyped or made-up key from a
//! real one without asking the database, and lets scanners of leaked secrets be sure.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::{ALPHABET, OpaqueTokenError, SECRET_CHARS, TokenHash, is_secret};
use crate::Entropy;
use crate::entropy::characters;

const PREFIX: &str = "vpk_";
const ID_CHARS: usize = 8;
const CHECKSUM_CHARS: usize = 6;

/// An API key. Its text is shown once and never printed by accident.
#[derive(Clone)]
pub struct ApiKey {
    id: String,
    text: SecretString,
}

impl ApiKey {
    /// A new key with 256 bits of `entropy`, and a random id.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let id = characters(entropy, ALPHABET, ID_CHARS);
        let secret = characters(entropy, ALPHABET, SECRET_CHARS);
        let body = format!("{PREFIX}{id}_{secret}");
        let checksum = checksum(&body);
        Self { id, text: format!("{body}{checksum}").into() }
    }

    /// Reads a key. Nothing is trimmed or corrected.
    ///
    /// # Errors
    /// [`OpaqueTokenError`] for any text that was not made by [`generate`](Self::generate).
    pub fn parse(text: &str) -> Result<Self, OpaqueTokenError> {
        let (id, secret) = text
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.split_once('_'))
            .ok_or(OpaqueTokenError)?;
        let (secret, sum) = secret.split_at_checked(SECRET_CHARS).ok_or(OpaqueTokenError)?;
        let is_id = id.len() == ID_CHARS && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_id || !is_secret(secret) {
            return Err(OpaqueTokenError);
        }
        if sum != checksum(&format!("{PREFIX}{id}_{secret}")) {
            return Err(OpaqueTokenError);
        }
        Ok(Self { id: id.to_owned(), text: text.into() })
    }

    /// The public part, 8 characters: to find the key by, and to show in lists.
    pub fn id(&self) -> &str {
        &self.id
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

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}_…", self.id)
    }
}

/// 32 bits of SHA-256 in six characters of the alphabet.
fn checksum(body: &str) -> String {
    let digest = Sha256::digest(body.as_bytes());
    let mut number = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    let mut text = String::with_capacity(CHECKSUM_CHARS);
    for _ in 0..CHECKSUM_CHARS {
        // The remainder is below 62.
        text.push(char::from(ALPHABET[(number % 62) as usize]));
        number /= 62;
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::SeededEntropy;

    #[test]
    fn a_key_shows_its_id_and_hides_the_rest() {
        let key = ApiKey::generate(&SeededEntropy::new(7));
        insta::assert_snapshot!(key.text().expose_secret(), @"vpk_kZOzskkj_HLrBGnvdY2MBA1cSJSFszHmhVqJLMJi4QOViqDvWbUjPp6951");
        insta::assert_snapshot!(format!("{} {key:?}", key.id()), @"kZOzskkj vpk_kZOzskkj_…");
        let read = ApiKey::parse(key.text().expose_secret()).expect("a key");
        assert_eq!((read.id(), read.hash()), (key.id(), key.hash()));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let key = ApiKey::generate(&SeededEntropy::new(7)).text().expose_secret().to_owned();
        let cut = &key[..key.len() - 1];
        let longer = format!("{key}0");
        let spaced = format!(" {key}");
        let other = key.replacen("vpk_", "vpr_", 1);
        for text in ["", " ", "null", "vpk_", "vpk__", "vpk_éééé_", cut, &longer, &spaced, &other]
        {
            assert!(ApiKey::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_right_checksum_makes_no_key_of_another_shape() {
        let with = |id: &str, secret: &str| {
            let body = format!("{PREFIX}{id}_{secret}");
            let checksum = checksum(&body);
            ApiKey::parse(&format!("{body}{checksum}"))
        };
        let secret = "s".repeat(SECRET_CHARS);
        assert!(with("12345678", &secret).is_ok());
        for id in ["1234567", "123456789", "1234-678", ""] {
            assert!(with(id, &secret).is_err(), "{id:?}");
        }
        for secret in [&secret[1..], &format!("{secret}s"), &secret.replacen('s', "-", 1)] {
            assert!(with("12345678", secret).is_err(), "{secret:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC*|vpk_\\PC{0,10}_\\PC{40,60}") {
            prop_assert!(ApiKey::parse(&text).is_err());
        }

        #[test]
        fn one_typing_error_is_noticed(seed in any::<u64>(), at in 4..62_usize) {
            let key = ApiKey::generate(&SeededEntropy::new(seed));
            let mut wrong = key.text().expose_secret().to_owned().into_bytes();
            wrong[at] = if wrong[at] == b'x' { b'y' } else { b'x' };
            let wrong = String::from_utf8(wrong).expect("ASCII");
            prop_assert!(ApiKey::parse(&wrong).is_err());
        }

        #[test]
        fn every_key_can_be_read(seed in any::<u64>()) {
            let key = ApiKey::generate(&SeededEntropy::new(seed));
            prop_assert!(ApiKey::parse(key.text().expose_secret()).is_ok());
        }
    }
}
