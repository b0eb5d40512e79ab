//! The token between the two steps of a sign-in: the password was right, the second factor is
//! still missing. It opens nothing else.

use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vpaura_domain::{IdGen, Timestamp, UserId};

use super::{ISSUER, Jwt, Times, TokenError, seconds, timestamp};

const TYPE: &str = "mfa+jwt";
const AUDIENCE: &str = "vpaura/mfa";
const LIFETIME: Duration = Duration::from_secs(5 * 60);

/// What a challenge says. Times are whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MfaClaims {
    /// Who gave the right password.
    pub user: UserId,
    /// The challenge's own id: count wrong codes by it, and end it once one was right.
    pub id: Uuid,
    /// Five minutes after it was made.
    pub expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    jti: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// Signs and verifies challenges.
pub struct MfaTokens(Jwt);

impl MfaTokens {
    /// Signs with `secret`: at least 32 bytes, which the configuration sees to.
    pub fn new(secret: &SecretString) -> Self {
        Self(Jwt::new(secret, TYPE, AUDIENCE))
    }

    /// A new challenge for the user, which ends in five minutes.
    ///
    /// # Errors
    /// [`TokenError`] when signing fails.
    pub fn issue(
        &self,
        user: UserId,
        ids: &dyn IdGen,
        now: Timestamp,
    ) -> Result<(SecretString, MfaClaims), TokenError> {
        let iat = seconds(now);
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: self.0.audience.to_owned(),
            sub: user,
            jti: ids.uuid(),
            iat,
            nbf: iat,
            exp: seconds(now.plus(LIFETIME)),
        };
        let token = self.0.sign(&claims)?;
        Ok((token.into(), claims.into()))
    }

    /// What the challenge says, if it is one of ours and holds at `now`.
    ///
    /// # Errors
    /// [`TokenError`], without a reason.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<MfaClaims, TokenError> {
        let times = |claims: &Claims| Times { iat: claims.iat, nbf: claims.nbf, exp: claims.exp };
        self.0.verify(token, now, times).map(MfaClaims::from)
    }
}

impl From<Claims> for MfaClaims {
    fn from(claims: Claims) -> Self {
        Self { user: claims.sub, id: claims.jti, expires_at: timestamp(claims.exp) }
    }
}

impl std::fmt::Debug for MfaTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MfaTokens")
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use vpaura_domain::SequentialIds;

    use super::*;

    #[test]
    fn a_challenge_lasts_five_minutes() {
        let tokens = MfaTokens::new(&SecretString::from("an example of a secret of 32 bytes!"));
        let ids = SequentialIds::default();
        let now = Timestamp::from_millis(1_800_000_000_000);
        let (token, claims) = tokens.issue(UserId::generate(&ids), &ids, now).expect("signs");
        let token = token.expose_secret();
        assert_eq!(tokens.verify(token, now), Ok(claims));
        assert_eq!(tokens.verify(token, now.plus(Duration::from_secs(299))), Ok(claims));
        assert_eq!(tokens.verify(token, now.plus(Duration::from_secs(300))), Err(TokenError));
    }
}
