//! One's own second factor and recovery codes.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use vpaura_auth::{RecoveryCode, TotpSecret, TotpStep};
use vpaura_domain::{Origin, Scope, UserId};
use vpaura_store::KnownUser;

use crate::{Engine, Error, Result};

/// A secret for an authenticator app. `Debug` shows nothing of it.
#[derive(Debug)]
pub struct SecondFactorSecret {
    /// In Base32, to be typed.
    pub secret: SecretString,
    /// As an `otpauth:` address, to be drawn as a code.
    pub uri: SecretString,
}

/// Codes for when the second factor is lost. `Debug` shows none.
#[derive(Debug)]
pub struct RecoveryCodes(pub Vec<SecretString>);

const WRONG_CODE: Error = Error::Forbidden("the code is not right");

impl Engine {
    /// Makes a secret, which counts once it is confirmed. It takes the password: who has another's
    /// browser for a moment must not lock them out.
    ///
    /// # Errors
    /// [`Error::Conflict`] when there is a second factor already, or no password to go with it;
    /// [`Error::Forbidden`] for a wrong password, [`Error::RateLimited`].
    pub async fn begin_second_factor(
        &self,
        scope: &Scope,
        password: &str,
    ) -> Result<SecondFactorSecret> {
        let (user, _) = self.signed_in_user(scope)?;
        if !self.known(user).await?.user.has_password {
            return Err(Error::Conflict(
                "you sign in through an identity provider: its second factor counts",
            ));
        }
        let known = self.require_password(user, password).await?;
        let secret = TotpSecret::generate(&*self.entropy);
        let text = secret.to_base32();
        if !self.store.propose_second_factor(user, text.expose_secret().to_owned()).await? {
            return Err(Error::Conflict("the second factor is on already"));
        }
        let uri = secret.otpauth_uri(&self.settings.app_name, &known.user.email);
        Ok(SecondFactorSecret { secret: text, uri })
    }

    /// Turns the second factor on with a code of the app, and gives the recovery codes.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a wrong code, [`Error::Conflict`] when nothing waits for one.
    pub async fn confirm_second_factor(
        &self,
        scope: &Scope,
        code: &str,
        origin: &Origin,
    ) -> Result<RecoveryCodes> {
        let (user, _) = self.signed_in_user(scope)?;
        self.admit_proof(user).await?;
        let known = self.known(user).await?;
        let waiting = known.totp_secret.filter(|_| !known.user.has_second_factor);
        let waiting = waiting.ok_or(Error::Conflict("no second factor waits to be confirmed"))?;
        let secret = stored(&waiting)?;
        let step = secret.verify(code, self.clock.now(), None).map_err(|_| WRONG_CODE)?;
        let (codes, hashes) = self.fresh_codes();
        let entry = self.own_entry(user, origin, "second_factor.enabled", json!({}));
        self.store.confirm_second_factor(user, waiting, step.number(), hashes, entry).await?;
        Ok(codes)
    }

    /// Turns the second factor off.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a wrong password or code, [`Error::Conflict`] when it is off.
    pub async fn remove_second_factor(
        &self,
        scope: &Scope,
        password: &str,
        code: &str,
        origin: &Origin,
    ) -> Result<()> {
        let (user, _) = self.signed_in_user(scope)?;
        let known = self.require_password(user, password).await?;
        let secret = known.totp_secret.filter(|_| known.user.has_second_factor);
        let secret = stored(&secret.ok_or(Error::Conflict("the second factor is off"))?)?;
        let last = known.totp_last_step.map(TotpStep::from_number);
        let now = self.clock.now();
        if secret.verify(code, now, last).is_err() {
            let code = RecoveryCode::parse(code).map_err(|_| WRONG_CODE)?;
            if !self.store.has_recovery_code(user, code.hash().as_str()).await? {
                return Err(WRONG_CODE);
            }
        }
        let entry = self.own_entry(user, origin, "second_factor.disabled", json!({}));
        self.store.remove_second_factor(user, entry, now).await?;
        Ok(())
    }

    /// Makes new recovery codes; the old ones are of no use any more.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a wrong password, [`Error::Conflict`] without a second factor.
    pub async fn renew_recovery_codes(
        &self,
        scope: &Scope,
        password: &str,
        origin: &Origin,
    ) -> Result<RecoveryCodes> {
        let (user, _) = self.signed_in_user(scope)?;
        let known = self.require_password(user, password).await?;
        if !known.user.has_second_factor {
            return Err(Error::Conflict("the second factor is off"));
        }
        let (codes, hashes) = self.fresh_codes();
        let details = json!({ "recovery_codes": "renewed" });
        let entry = self.own_entry(user, origin, "second_factor.enabled", details);
        self.store.replace_recovery_codes(user, hashes, entry).await?;
        Ok(codes)
    }

    async fn known(&self, user: UserId) -> Result<KnownUser> {
        self.store.known_user(user).await?.ok_or(Error::Unauthorized)
    }

    fn fresh_codes(&self) -> (RecoveryCodes, Vec<String>) {
        let codes = RecoveryCode::generate_set(&*self.entropy);
        let hashes = codes.iter().map(|code| code.hash().as_str().to_owned()).collect();
        (RecoveryCodes(codes.iter().map(RecoveryCode::text).collect()), hashes)
    }
}

fn stored(secret: &str) -> Result<TotpSecret> {
    TotpSecret::from_base32(secret)
        .map_err(|error| Error::Internal(format!("a stored second factor: {error}")))
}
