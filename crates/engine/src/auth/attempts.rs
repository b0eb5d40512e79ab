//! How often somebody may try: one address, and as one user from wherever.

use std::time::Duration;

use sha2::{Digest, Sha256};
use vpaura_domain::UserId;
use vpaura_kv::Limit;

use super::Arrival;
use crate::{Engine, Result};

const MINUTE: Duration = Duration::from_secs(60);
/// After so many sign-ins that failed in a row the password is of no use until it is set anew
/// (NIST SP 800-63B-4 §3.2.2).
pub(super) const MOST_FAILURES: u64 = 100;
/// Codes that may be tried for one right password.
const CODES: Limit = Limit { capacity: 5, window: Duration::from_secs(5 * 60) };
/// Letters that one user gets in an hour.
const LETTERS: Limit = Limit { capacity: 3, window: Duration::from_secs(60 * 60) };

impl Engine {
    /// Counts one attempt from the caller's address.
    pub(super) async fn admit_attempt(&self, arrival: &Arrival) -> Result<()> {
        let address = arrival.origin.ip_address.as_deref().unwrap_or_default();
        let capacity = self.settings.auth.attempts_per_address;
        let limit = Limit { capacity, window: MINUTE };
        self.take(&format!("rate:attempt-address:{address}"), limit).await
    }

    /// Counts one attempt as the user of this name, whether or not there is one.
    pub(super) async fn admit_attempt_at(&self, name: &str) -> Result<()> {
        let capacity = self.settings.auth.attempts_per_user;
        let limit = Limit { capacity, window: MINUTE };
        self.take(&format!("rate:attempt-user:{}", key_of(name)), limit).await
    }

    /// Counts one code that is tried with this challenge.
    pub(super) async fn admit_code(&self, challenge: uuid::Uuid) -> Result<()> {
        self.take(&format!("rate:second-factor:{challenge}"), CODES).await
    }

    /// Counts one proof of a signed-in user's own password or code.
    pub(crate) async fn admit_proof(&self, user: UserId) -> Result<()> {
        let capacity = self.settings.auth.attempts_per_user;
        self.take(&format!("rate:proof:{user}"), Limit { capacity, window: MINUTE }).await
    }

    /// Whether one more letter may go to this address.
    pub(super) async fn may_send_letter(&self, email_key: &str) -> bool {
        let key = format!("rate:letter:{}", key_of(email_key));
        self.kv.take(&key, LETTERS, 1).await.allowed
    }
}

/// A name of any length as a short key that says nothing of it.
fn key_of(name: &str) -> String {
    format!("{:x}", Sha256::digest(name.as_bytes()))
}
