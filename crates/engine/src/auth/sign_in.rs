//! Signs in with a password.

use secrecy::SecretString;
use serde_json::json;
use vpaura_auth::{Email, HashError, Password, Username};
use vpaura_domain::{Actor, UserId};
use vpaura_store::KnownUser;

use super::attempts::MOST_FAILURES;
use super::signed_in::Proof;
use super::{Arrival, SignedIn};
use crate::audit::Deed;
use crate::{Engine, Error, Result};

/// What follows from the right password.
#[derive(Debug)]
pub enum SignInStep {
    /// The user is in.
    Done(Box<SignedIn>),
    /// The second factor is missing.
    SecondFactor {
        /// Goes with the code; works for five minutes.
        challenge: SecretString,
    },
}

/// A password that was right.
pub(crate) struct Proved {
    /// Its hash made anew, where the stored one is of an earlier kind.
    pub(crate) new_hash: Option<String>,
}

impl Engine {
    /// Signs in the user with this e-mail address or username.
    ///
    /// # Errors
    /// [`Error::SignInFailed`] alike for unknown users, wrong passwords, and users who may not;
    /// [`Error::RateLimited`].
    pub async fn sign_in(
        &self,
        name: &str,
        password: &str,
        arrival: &Arrival,
    ) -> Result<SignInStep> {
        self.admit_attempt(arrival).await?;
        let name = Name::of(name);
        self.admit_attempt_at(name.key()).await?;
        let known = match &name {
            Name::Email(email) => self.store.user_with_email(email.key()).await?,
            Name::Username(username) => self.store.user_with_name(username.key()).await?,
            Name::Neither => None,
        };
        let proved = self.prove_password(known.as_ref(), password).await?;
        let user_id = known.as_ref().map(|known| known.user.id);
        let may =
            known.filter(|known| known.user.is_active && known.failed_sign_ins < MOST_FAILURES);
        let (Some(known), Some(proved)) = (may, proved) else {
            return Err(self.failed(user_id, "password", arrival).await?);
        };
        if known.user.has_second_factor {
            let (challenge, _) = self
                .challenges
                .issue(known.user.id, &*self.ids, self.clock.now())
                .map_err(|error| Error::Internal(format!("a challenge: {error}")))?;
            return Ok(SignInStep::SecondFactor { challenge });
        }
        let proof =
            Proof { method: "password", password_hash: proved.new_hash, ..Proof::default() };
        let signed_in = self.open_session(known.user, proof, arrival).await?;
        Ok(SignInStep::Done(Box::new(signed_in)))
    }

    /// Compares the password with the user's, with the same work where there is nothing to
    /// compare with.
    pub(crate) async fn prove_password(
        &self,
        known: Option<&KnownUser>,
        password: &str,
    ) -> Result<Option<Proved>> {
        // What cannot be a password is nobody's, so that saying it at once tells nothing.
        let Ok(password) = Password::parse(password) else { return Ok(None) };
        let Some(stored) = known.and_then(|known| known.password_hash.clone()) else {
            self.hasher.verify_nothing(password).await.map_err(hashing)?;
            return Ok(None);
        };
        let verified = match self.hasher.verify(password.clone(), stored).await {
            Err(error @ (HashError::Malformed | HashError::TooCostly)) => {
                let user_id = known.map(|known| known.user.id);
                tracing::error!(?user_id, %error, "a stored password cannot be compared with");
                None
            }
            verified => verified.map_err(hashing)?,
        };
        let Some(verified) = verified else { return Ok(None) };
        let new_hash = match verified.needs_rehash {
            true => Some(self.hasher.hash(password).await.map_err(hashing)?),
            false => None,
        };
        Ok(Some(Proved { new_hash }))
    }

    /// Notes the failure and gives the one answer to all of them.
    pub(super) async fn failed(
        &self,
        user: Option<UserId>,
        method: &str,
        arrival: &Arrival,
    ) -> Result<Error> {
        let deed = Deed {
            action: "sign_in.failed",
            object: user.map(|id| ("user", id.to_string())),
            details: json!({ "method": method }),
        };
        let entry = self.entry_in(None, Actor::Anonymous, &arrival.origin, deed);
        self.store.note_failed_sign_in(user, entry).await?;
        Ok(Error::SignInFailed)
    }
}

/// By what a user can be called.
enum Name {
    Email(Email),
    Username(Username),
    Neither,
}

impl Name {
    fn of(text: &str) -> Self {
        match Email::parse(text) {
            Ok(email) => Self::Email(email),
            Err(_) => Username::parse(text).map_or(Self::Neither, Self::Username),
        }
    }

    fn key(&self) -> &str {
        match self {
            Self::Email(email) => email.key(),
            Self::Username(username) => username.key(),
            Self::Neither => "",
        }
    }
}

pub(crate) fn hashing(error: HashError) -> Error {
    Error::Internal(error.to_string())
}
