//! Ends a sign-in with the second factor, or a recovery code in its place.

use std::time::Duration;

use bytes::Bytes;
use vpaura_auth::{RecoveryCode, TotpSecret, TotpStep};
use vpaura_store::KnownUser;

use super::attempts::MOST_FAILURES;
use super::signed_in::Proof;
use super::{Arrival, SignedIn};
use crate::{Engine, Error, Result};

/// As long as a challenge works.
const CHALLENGE_LIFE: Duration = Duration::from_secs(5 * 60);

impl Engine {
    /// Signs in the user whose password was right before. A challenge works once.
    ///
    /// # Errors
    /// [`Error::TokenRefused`] when the challenge does not, or no longer, hold;
    /// [`Error::SignInFailed`] for a wrong code; [`Error::RateLimited`].
    pub async fn finish_sign_in(
        &self,
        challenge: &str,
        code: &str,
        arrival: &Arrival,
    ) -> Result<SignedIn> {
        self.admit_attempt(arrival).await?;
        let now = self.clock.now();
        let challenge = self.challenges.verify(challenge, now);
        let challenge = challenge.map_err(|_| Error::TokenRefused)?;
        self.admit_code(challenge.id).await?;
        let known = self.store.known_user(challenge.user).await?.ok_or(Error::TokenRefused)?;
        if !known.user.is_active || known.failed_sign_ins >= MOST_FAILURES {
            return Err(self.failed(Some(known.user.id), "second_factor", arrival).await?);
        }
        let Some(proof) = self.proof_of(&known, code) else {
            return Err(self.failed(Some(known.user.id), "second_factor", arrival).await?);
        };
        let used = format!("second-factor:used:{}", challenge.id);
        if !self.kv.set_if_absent(&used, Bytes::from_static(b"1"), CHALLENGE_LIFE).await {
            return Err(Error::TokenRefused);
        }
        let user_id = known.user.id;
        match self.open_session(known.user, proof, arrival).await {
            Err(Error::TokenRefused) => {
                // The code was used, or the user suspended, meanwhile.
                Err(self.failed(Some(user_id), "second_factor", arrival).await?)
            }
            done => done,
        }
    }

    /// What the code proves and uses up. Whether a recovery code is one of the user's is found
    /// out when it is used.
    fn proof_of(&self, known: &KnownUser, code: &str) -> Option<Proof> {
        let secret = known.totp_secret.as_deref().filter(|_| known.user.has_second_factor)?;
        let last = known.totp_last_step.map(TotpStep::from_number);
        let secret = TotpSecret::from_base32(secret).ok()?;
        if let Ok(step) = secret.verify(code, self.clock.now(), last) {
            let totp_step = Some(step.number());
            return Some(Proof { method: "password+totp", totp_step, ..Proof::default() });
        }
        let code = RecoveryCode::parse(code).ok()?;
        let recovery_hash = Some(code.hash().as_str().to_owned());
        Some(Proof { method: "password+recovery_code", recovery_hash, ..Proof::default() })
    }
}
