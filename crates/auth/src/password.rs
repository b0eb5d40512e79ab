//! Passwords: what is one, which may be chosen, and how they are kept.
//!
//! The rules are those of NIST SP 800-63B-4 §3.1.1: length and a blocklist, and nothing else. No
//! composition rules, no expiry, no truncation.

mod blocklist;
mod hasher;
mod policy;

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;

pub use blocklist::Weakness;
pub use hasher::{HashError, Hasher, Verified};
pub use policy::{PasswordContext, PasswordPolicy};

/// The most characters of a password, counted in Unicode code points. NIST asks for 64 or more.
const MAX_CHARS: usize = 256;
/// The most bytes looked at: 256 characters, each with marks of its own to be composed with.
const MAX_INPUT: usize = 16 * MAX_CHARS;

/// Why a text is no password, or may not be chosen as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// It is empty or made of spaces.
    #[error("a password is needed")]
    Blank,
    /// More than 256 characters.
    #[error("a password has at most {MAX_CHARS} characters")]
    TooLong,
    /// It has a control character, for example NUL, a tab or a line break.
    #[error("a password has no control characters")]
    ControlCharacter,
    /// Fewer characters than the policy asks for.
    #[error("a password has at least {min} characters")]
    TooShort {
        /// The fewest characters that would do.
        min: usize,
    },
    /// It is easy to guess.
    #[error("the password is easy to guess: {0}")]
    Weak(#[from] Weakness),
}

/// A password in the form in which it is hashed. Its text is wiped from memory when it is dropped
/// and never printed.
#[derive(Clone)]
pub struct Password(SecretString);

impl Password {
    /// Takes a password as it was typed. Whether it may be *chosen* is for [`PasswordPolicy`] to
    /// say; sign-in does not ask that.
    ///
    /// The text is prepared by the profile OpaqueString of RFC 8265: other spaces become U+0020
    /// and the whole is brought into Unicode form NFC, so that it is the same from any keyboard.
    /// Nothing is trimmed, cut or changed in case.
    ///
    /// # Errors
    /// [`PasswordError::Blank`], [`TooLong`](PasswordError::TooLong) or
    /// [`ControlCharacter`](PasswordError::ControlCharacter).
    pub fn parse(text: &str) -> Result<Self, PasswordError> {
        if text.len() > MAX_INPUT {
            return Err(PasswordError::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(PasswordError::ControlCharacter);
        }
        if text.chars().all(char::is_whitespace) {
            return Err(PasswordError::Blank);
        }
        let spaces = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
        let password = Self(spaces.nfc().collect::<String>().into());
        if password.chars() > MAX_CHARS { Err(PasswordError::TooLong) } else { Ok(password) }
    }

    /// Its length in Unicode code points.
    pub fn chars(&self) -> usize {
        self.text().chars().count()
    }

    fn text(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn text(of: &str) -> Result<String, PasswordError> {
        Password::parse(of).map(|password| password.text().to_owned())
    }

    #[rstest]
    #[case("", PasswordError::Blank)]
    #[case("   ", PasswordError::Blank)]
    #[case("\u{2003}\u{a0}", PasswordError::Blank)]
    #[case("abc\0def", PasswordError::ControlCharacter)]
    #[case("abc\n", PasswordError::ControlCharacter)]
    #[case("\t", PasswordError::ControlCharacter)]
    fn what_is_no_password_is_refused(#[case] typed: &str, #[case] error: PasswordError) {
        assert_eq!(text(typed), Err(error));
    }

    #[test]
    fn nothing_is_cut_and_256_characters_of_any_script_pass() {
        for c in ["a", "é", "字", "🗝"] {
            assert_eq!(text(&c.repeat(256)), Ok(c.repeat(256)));
            assert_eq!(text(&c.repeat(257)), Err(PasswordError::TooLong));
        }
        assert_eq!(text(&"a".repeat(10_000_000)), Err(PasswordError::TooLong));
    }

    #[test]
    fn what_is_far_too_long_is_not_looked_at() {
        assert_eq!(text(&"\n".repeat(4_096)), Err(PasswordError::ControlCharacter));
        assert_eq!(text(&"\n".repeat(4_097)), Err(PasswordError::TooLong));
    }

    #[test]
    fn one_password_typed_on_two_keyboards_is_the_same() {
        assert_eq!(text("Zu\u{308}rich\u{a0}See"), text("Zürich See"));
        assert_eq!(text("  a B  "), Ok("  a B  ".to_owned()));
        assert_ne!(text("ﬁne²"), text("fine2"), "compatible forms stay apart");
    }

    #[test]
    fn debug_output_says_nothing() {
        let password = Password::parse("hunter2 hunter2").expect("a password");
        assert_eq!(format!("{password:?}"), "Password(…)");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_a_prepared_one_stays(typed in any::<String>()) {
            if let Ok(once) = text(&typed) {
                prop_assert_eq!(text(&once), Ok(once));
            }
        }
    }
}
