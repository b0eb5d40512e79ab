//! Which passwords may be chosen.

use super::{Password, PasswordError, blocklist};
use crate::{Email, Username};

/// The fewest characters of a password that stands alone (NIST SP 800-63B-4 §3.1.1.2).
const ALONE: usize = 15;
/// The fewest beside a second factor, and the fewest that can be configured.
const BESIDE_SECOND_FACTOR: usize = 8;
/// The most that can be asked for: a password of 64 characters must always be good.
const MOST: usize = 64;

/// How long a chosen password has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordPolicy {
    min_chars: usize,
}

/// What is known about who chooses, and must not be the password.
#[derive(Debug, Clone, Copy, Default)]
pub struct PasswordContext<'a> {
    /// The address of the user.
    pub email: Option<&'a Email>,
    /// The name of the user.
    pub username: Option<&'a Username>,
    /// Names of the service and of the workspace.
    pub names: &'a [&'a str],
    /// Whether the user cannot sign in without a second factor.
    pub second_factor: bool,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { min_chars: ALONE }
    }
}

impl PasswordPolicy {
    /// Asks for `min_chars` characters, taken as at least 8 and at most 64. Fewer than 15 is less
    /// than NIST asks of a password that stands alone.
    pub fn new(min_chars: usize) -> Self {
        Self { min_chars: min_chars.clamp(BESIDE_SECOND_FACTOR, MOST) }
    }

    /// The fewest characters: 8 when a second factor is required, else what the policy says.
    pub fn min_chars(&self, second_factor: bool) -> usize {
        if second_factor { BESIDE_SECOND_FACTOR } else { self.min_chars }
    }

    /// Whether the password may be chosen.
    ///
    /// # Errors
    /// [`PasswordError::TooShort`] or [`PasswordError::Weak`].
    pub fn check(
        &self,
        password: &Password,
        context: &PasswordContext<'_>,
    ) -> Result<(), PasswordError> {
        let min = self.min_chars(context.second_factor);
        if password.chars() < min {
            return Err(PasswordError::TooShort { min });
        }
        blocklist::check(password.text(), &context.words())?;
        Ok(())
    }
}

impl PasswordContext<'_> {
    /// All words that an attacker would try for this user, in lower case.
    fn words(&self) -> Vec<String> {
        let email = self.email.map(Email::key);
        let username = self.username.map(Username::key);
        let whole = email.into_iter().chain(username).chain(self.names.iter().copied());
        let mut words = Vec::new();
        for text in whole {
            let text = text.to_lowercase();
            words.extend(text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned));
            words.push(text.rsplit_once('@').map_or("", |(local, _)| local).to_owned());
            words.push(text);
        }
        words.retain(|word| word.chars().count() >= blocklist::SHORTEST_WORD);
        words.sort_unstable();
        words.dedup();
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Weakness;

    fn check(text: &str, context: &PasswordContext<'_>) -> Result<(), PasswordError> {
        let password = Password::parse(text).expect("a password");
        PasswordPolicy::default().check(&password, context)
    }

    #[test]
    fn fifteen_characters_alone_and_eight_beside_a_second_factor() {
        let alone = PasswordContext::default();
        let beside = PasswordContext { second_factor: true, ..alone };
        assert_eq!(check("vier Fische rot", &alone), Ok(()));
        assert_eq!(check("vier Fische ro", &alone), Err(PasswordError::TooShort { min: 15 }));
        assert_eq!(check("vier Fis", &beside), Ok(()));
        assert_eq!(check("vier Fi", &beside), Err(PasswordError::TooShort { min: 8 }));
        // Characters, not bytes.
        assert_eq!(check("日月火水木金土", &beside), Err(PasswordError::TooShort { min: 8 }));
        assert_eq!(check("日月火水木金土天", &beside), Ok(()));
    }

    #[test]
    fn no_kinds_of_characters_are_asked_for() {
        let context = PasswordContext::default();
        for good in ["gelbe wolken über lyon", "KRXWVBNQZTLMHJD", "zwei    leer   stellen"] {
            assert_eq!(check(good, &context), Ok(()), "{good}");
        }
    }

    #[test]
    fn the_policy_stays_within_what_is_sensible() {
        assert_eq!(PasswordPolicy::new(0).min_chars(false), 8);
        assert_eq!(PasswordPolicy::new(20).min_chars(false), 20);
        assert_eq!(PasswordPolicy::new(20).min_chars(true), 8);
        assert_eq!(PasswordPolicy::new(9_999).min_chars(false), 64);
    }

    #[test]
    fn what_is_known_of_the_user_is_refused() {
        let email = Email::parse("Quincy.Adamsworth@klondike-labs.example").expect("an address");
        let username = Username::parse("qadams_77").expect("a name");
        let context = PasswordContext {
            email: Some(&email),
            username: Some(&username),
            names: &["VPAura", "Klondike Research"],
            second_factor: false,
        };
        for bad in [
            "quincy.adamsworth@klondike-labs.example",
            "QuincyAdamsworth1",
            "Adamsworth2024!",
            "qadams_77qadams_77",
            "vpauravpaura2025",
            "Klondike Research",
            "klondike-labs-24",
        ] {
            assert_eq!(check(bad, &context), Err(PasswordError::Weak(Weakness::Personal)), "{bad}");
        }
        // A whole is refused, not a mention.
        assert_eq!(check("adamsworth eats grapes", &context), Ok(()));
    }
}
