//! What may be said of a user, and who the caller is as one.

use vpaura_auth::{Email, Password, PasswordContext, Username};
use vpaura_domain::{Scope, SessionId, Subject, Timestamp, User, UserId, UserStatus};
use vpaura_store::KnownUser;

use crate::auth::hashing;
use crate::{Engine, Error, Result};

const MAX_NAME_CHARS: usize = 200;

/// An address, or what is wrong with it.
pub(crate) fn parse_email(text: &str) -> Result<Email> {
    Email::parse(text).map_err(|error| Error::invalid("email", error))
}

/// A username, or what is wrong with it.
pub(crate) fn parse_username(text: &str) -> Result<Username> {
    Username::parse(text).map_err(|error| Error::invalid("username", error))
}

/// A full name without space around it; an empty one is none.
pub(crate) fn clean_full_name(name: Option<String>) -> Result<Option<String>> {
    let Some(name) = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    let chars = name.chars().count();
    if chars > MAX_NAME_CHARS {
        let reason = format!("must be at most {MAX_NAME_CHARS} characters, this is {chars}");
        return Err(Error::invalid("full_name", reason));
    }
    // The rules of titles, for what makes a text read as another.
    vpaura_domain::clean_title(&name).map(Some).map_err(Error::text("full_name"))
}

/// A user about whom nothing more is known yet than the address.
pub(crate) fn fresh_user(id: UserId, email: &Email, now: Timestamp) -> User {
    User {
        id,
        email: email.as_given().to_owned(),
        username: String::new(),
        full_name: None,
        status: UserStatus::Active,
        is_active: true,
        is_owner: false,
        has_second_factor: false,
        has_password: false,
        workspace_id: None,
        created_at: now,
        updated_at: now,
        last_sign_in_at: None,
    }
}

impl Engine {
    /// The hash of a password that may be chosen by this user.
    pub(crate) async fn hash_new_password(
        &self,
        password: &str,
        email: &Email,
        username: Option<&Username>,
        second_factor: bool,
    ) -> Result<String> {
        let wrong = |error| Error::invalid("password", error);
        let password = Password::parse(password).map_err(wrong)?;
        let names = [self.settings.app_name.as_str()];
        let context =
            PasswordContext { email: Some(email), username, names: &names, second_factor };
        self.passwords.check(&password, &context).map_err(wrong)?;
        self.hasher.hash(password).await.map_err(hashing)
    }

    /// The user who is signed in, and from which session. Keys and visitors are not.
    pub(crate) fn signed_in_user(&self, scope: &Scope) -> Result<(UserId, SessionId)> {
        match scope.subject {
            Subject::User { id, session: Some(session) } => Ok((id, session)),
            Subject::Session(_) => Err(Error::Unauthorized),
            _ => Err(Error::Forbidden("sign in as a user for this; a key cannot do it")),
        }
    }

    /// Proves the password of who is signed in already, before something that a borrowed browser
    /// must not do.
    pub(crate) async fn require_password(&self, user: UserId, password: &str) -> Result<KnownUser> {
        self.admit_proof(user).await?;
        let known = self.store.known_user(user).await?.ok_or(Error::Unauthorized)?;
        match self.prove_password(Some(&known), password).await? {
            Some(_) => Ok(known),
            None => Err(Error::Forbidden("the password is not right")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_names_are_trimmed_bounded_and_free_of_control_characters() {
        let clean = |name: &str| clean_full_name(Some(name.to_owned()));
        assert_eq!(clean(" Ada Lovelace ").expect("a name").as_deref(), Some("Ada Lovelace"));
        assert_eq!(clean("  ").expect("none"), None);
        assert!(clean("a\nb").is_err() && clean("a\u{202E}b").is_err());
        assert!(clean(&"é".repeat(200)).is_ok() && clean(&"é".repeat(201)).is_err());
    }
}
