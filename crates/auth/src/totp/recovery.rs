//! Codes on paper: each lets its owner in once, in place of the telephone.
//!
//! A code has 120 bits. From 112 on, NIST SP 800-63B-4 §3.1.2.2 lets such secrets be stored under
//! a plain hash, so a server finds one without computing ten slow ones.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::entropy::characters;
use crate::{Entropy, TokenHash};

/// Crockford's Base32: no I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARS: usize = 24;
const GROUP: usize = 4;
/// The most characters looked at.
const MAX_INPUT: usize = 256;

/// The text is no recovery code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid recovery code")]
pub struct RecoveryCodeError;

/// A recovery code. Its text is shown once and never printed by accident.
#[derive(Clone)]
pub struct RecoveryCode(SecretString);

impl RecoveryCode {
    /// A new set of ten.
    pub fn generate_set(entropy: &dyn Entropy) -> [Self; 10] {
        std::array::from_fn(|_| Self(characters(entropy, ALPHABET, CHARS).into()))
    }

    /// Reads a code as it was typed: in either case, with or without hyphens and spaces, O for 0
    /// and I or L for 1.
    ///
    /// # Errors
    /// [`RecoveryCodeError`] when it is anything else.
    pub fn parse(text: &str) -> Result<Self, RecoveryCodeError> {
        if text.len() > MAX_INPUT {
            return Err(RecoveryCodeError);
        }
        let meant = |c: char| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        };
        let code: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).map(meant).collect();
        if code.len() != CHARS || !code.bytes().all(|byte| ALPHABET.contains(&byte)) {
            return Err(RecoveryCodeError);
        }
        Ok(Self(code.into()))
    }

    /// The code to show: six groups of four.
    pub fn text(&self) -> SecretString {
        let mut text = String::with_capacity(CHARS + CHARS / GROUP);
        for (at, c) in self.0.expose_secret().chars().enumerate() {
            if at > 0 && at % GROUP == 0 {
                text.push('-');
            }
            text.push(c);
        }
        text.into()
    }

    /// What to store in its place.
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(self.0.expose_secret())
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{OsEntropy, SeededEntropy};

    #[test]
    fn ten_different_codes_in_readable_groups() {
        let codes = RecoveryCode::generate_set(&OsEntropy);
        let mut hashes: Vec<String> = codes.iter().map(|code| code.hash().to_string()).collect();
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), 10);
        let [first, ..] = RecoveryCode::generate_set(&SeededEntropy::new(5));
        insta::assert_snapshot!(first.text().expose_secret(), @"CVG8-7KK9-E7Y2-F4MS-FA7C-0ZNN");
        assert_eq!(format!("{first:?}"), "RecoveryCode(…)");
    }

    #[test]
    fn what_is_no_code_is_refused() {
        let [code, ..] = RecoveryCode::generate_set(&SeededEntropy::new(5));
        let text = code.text().expose_secret().to_owned();
        let (cut, longer) = (&text[1..], format!("{text}0"));
        let wrong = text.replace('-', "_");
        for text in ["", "-", "null", cut, &longer, &wrong, &"é".repeat(12), &" ".repeat(1_000_000)]
        {
            assert!(RecoveryCode::parse(text).is_err());
        }
    }

    #[test]
    fn space_around_it_counts_up_to_256_characters() {
        let [code, ..] = RecoveryCode::generate_set(&SeededEntropy::new(5));
        let padded = |chars: usize| {
            let text = code.text();
            RecoveryCode::parse(&format!("{:>chars$}", text.expose_secret()))
        };
        assert_eq!(padded(256).map(|it| it.hash()), Ok(code.hash()));
        assert!(padded(257).is_err());
    }

    proptest! {
        #[test]
        fn a_code_is_known_however_it_is_typed(seed in any::<u64>(), shift in any::<bool>()) {
            let [code, ..] = RecoveryCode::generate_set(&SeededEntropy::new(seed));
            let text = code.text().expose_secret().to_owned();
            let typed = text.replace('0', "o").replace('1', "L").replace('-', " ");
            let typed = if shift { typed.to_uppercase() } else { typed.to_lowercase() };
            prop_assert_eq!(RecoveryCode::parse(&typed).map(|code| code.hash()), Ok(code.hash()));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*|[0-9A-Z -]{20,40}") {
            let _ = RecoveryCode::parse(&text);
        }
    }
}
