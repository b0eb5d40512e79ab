//! A user's short name: what may be one, and when two are the same.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// The fewest characters.
const MIN_CHARS: usize = 3;
/// The most characters.
const MAX_CHARS: usize = 64;
/// The most bytes looked at. Normalisation can lengthen a text eighteen-fold, so long ones are
/// refused before it.
const MAX_INPUT: usize = 1_024;

/// Why a text is no username.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsernameError {
    /// Fewer than 3 or more than 64 characters.
    #[error("a username has {MIN_CHARS} to {MAX_CHARS} characters")]
    Length,
    /// It has a character that is not a letter, a digit, or one of `. _ -`.
    #[error("a username has letters, digits, dots, underscores and hyphens only")]
    Character,
    /// It is made of punctuation.
    #[error("a username needs a letter or a digit")]
    NoLetter,
}

/// A username. Names with equal [`key`](Self::key)s are one name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Username {
    as_given: String,
    key: String,
}

impl Username {
    /// Checks the name. Space around it is dropped, and it is brought into Unicode form NFKC, in
    /// which full-width and other look-alike forms are the plain letters.
    ///
    /// # Errors
    /// What is wrong, as a [`UsernameError`].
    pub fn parse(text: &str) -> Result<Self, UsernameError> {
        if text.len() > MAX_INPUT {
            return Err(UsernameError::Length);
        }
        let as_given: String = text.trim().nfkc().collect();
        if !(MIN_CHARS..=MAX_CHARS).contains(&as_given.chars().count()) {
            return Err(UsernameError::Length);
        }
        if !as_given.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-')) {
            return Err(UsernameError::Character);
        }
        if !as_given.chars().any(char::is_alphanumeric) {
            return Err(UsernameError::NoLetter);
        }
        Ok(Self { key: folded(&as_given), as_given })
    }

    /// The name as its owner writes it, for display.
    pub fn as_given(&self) -> &str {
        &self.as_given
    }

    /// What makes the name unique: without the difference of upper and lower case.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.as_given)
    }
}

/// Through upper case to lower case, so that letters with two lower-case forms (ß and ss, σ and
/// ς) are the same.
fn folded(name: &str) -> String {
    name.to_uppercase().to_lowercase().nfkc().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Ada_Lovelace-1", "ada_lovelace-1")]
    #[case(" ada.l ", "ada.l")]
    #[case("Ａｄａ", "ada")]
    #[case("STRASSE", "strasse")]
    #[case("Straße", "strasse")]
    #[case("u\u{308}ber", "über")]
    #[case("山田太郎", "山田太郎")]
    fn spellings_of_one_name_have_one_key(#[case] text: &str, #[case] key: &str) {
        assert_eq!(Username::parse(text).map(|name| name.key).as_deref(), Ok(key));
    }

    #[rstest]
    #[case("", UsernameError::Length)]
    #[case("  ab  ", UsernameError::Length)]
    #[case("a b", UsernameError::Character)]
    #[case("a\0b", UsernameError::Character)]
    #[case("a@b", UsernameError::Character)]
    #[case("<b>", UsernameError::Character)]
    #[case("ad\u{200b}a", UsernameError::Character)]
    #[case("../x", UsernameError::Character)]
    #[case("...", UsernameError::NoLetter)]
    fn what_is_no_name_is_refused(#[case] text: &str, #[case] error: UsernameError) {
        assert_eq!(Username::parse(text), Err(error), "{text:?}");
    }

    #[test]
    fn lengths_are_counted_after_normalisation() {
        assert!(Username::parse(&"é".repeat(64)).is_ok());
        assert!(Username::parse(&"e\u{301}".repeat(64)).is_ok());
        assert_eq!(Username::parse(&"é".repeat(65)), Err(UsernameError::Length));
        // One character that becomes several words.
        assert_eq!(Username::parse(&"\u{fdfa}".repeat(300)), Err(UsernameError::Length));
        assert_eq!(Username::parse(&"a".repeat(10_000_000)), Err(UsernameError::Length));
    }

    #[test]
    fn space_around_it_counts_up_to_a_kilobyte() {
        let padded = |bytes: usize| format!("{:>bytes$}", "ada");
        assert!(Username::parse(&padded(1_024)).is_ok());
        assert_eq!(Username::parse(&padded(1_025)), Err(UsernameError::Length));
    }

    #[test]
    fn its_owner_sees_it_as_they_wrote_it() {
        let name = Username::parse(" Ada_L ").expect("a name");
        assert_eq!((name.as_given(), name.to_string().as_str()), ("Ada_L", "Ada_L"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_a_key_is_its_own_key(text in any::<String>()) {
            if let Ok(name) = Username::parse(&text) {
                prop_assert_eq!(folded(name.key()), name.key());
            }
        }

        #[test]
        fn case_makes_no_difference(text in "[a-zA-ZßſKÄäΣσςÉé0-9._-]{3,20}") {
            if let Ok(name) = Username::parse(&text) {
                for other in [text.to_uppercase(), text.to_lowercase()] {
                    if let Ok(other) = Username::parse(&other) {
                        prop_assert_eq!(other.key(), name.key());
                    }
                }
            }
        }
    }
}
