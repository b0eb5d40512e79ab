//! The credentials that were looked up lately.

use std::time::Duration;

use moka::sync::Cache;
use vpaura_domain::{Scope, SessionId, Timestamp, UserId, WorkspaceId};
use vpaura_store::Revocation;

use crate::revocations::concerns;

/// How long a credential that was looked up is believed: the longest that a revocation takes to
/// bite where its word is lost.
pub(crate) const BELIEF: Duration = Duration::from_secs(5);
const KEPT: u64 = 100_000;

/// What was proved.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Credential {
    /// That this user signed in to this session, and acts in this workspace.
    SignIn(UserId, SessionId, WorkspaceId),
    /// Possession of the API key with this hash.
    ApiKey(String),
}

/// What credentials were worth when they were last looked up.
pub(crate) struct KnownCredentials(Cache<Credential, Known>);

#[derive(Clone, Copy)]
struct Known {
    scope: Scope,
    expires_at: Option<Timestamp>,
}

impl KnownCredentials {
    pub(crate) fn new() -> Self {
        Self(Cache::builder().max_capacity(KEPT).time_to_live(BELIEF).build())
    }

    /// What the credential is worth, if that is known and has not expired.
    pub(super) fn get(&self, credential: &Credential, now: Timestamp) -> Option<Scope> {
        let known = self.0.get(credential)?;
        known.expires_at.is_none_or(|end| now < end).then_some(known.scope)
    }

    pub(super) fn insert(
        &self,
        credential: Credential,
        scope: Scope,
        expires_at: Option<Timestamp>,
    ) {
        self.0.insert(credential, Known { scope, expires_at });
    }

    /// Forgets what the revocation may have changed.
    pub(crate) fn forget(&self, revocation: &Revocation) {
        for (credential, known) in &self.0 {
            if concerns(revocation, &known.scope) {
                self.0.invalidate(credential.as_ref());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use vpaura_domain::{IdGen as _, RandomIds, Subject};
    use vpaura_store::RevocationKind;

    use super::*;

    #[test]
    fn what_was_looked_up_is_known_until_it_expires() {
        let known = KnownCredentials::new();
        let at = Timestamp::from_millis;
        let (ends, lasts) =
            (Credential::ApiKey("a".to_owned()), Credential::ApiKey("b".to_owned()));
        assert_eq!(known.get(&ends, at(0)), None);
        known.insert(ends.clone(), Scope::operator(), Some(at(1_000)));
        known.insert(lasts.clone(), Scope::operator(), None);
        assert_eq!(known.get(&ends, at(999)), Some(Scope::operator()));
        assert_eq!(known.get(&ends, at(1_000)), None);
        assert_eq!(known.get(&ends, at(1_001)), None);
        assert_eq!(known.get(&lasts, at(i64::MAX)), Some(Scope::operator()));
    }

    #[test]
    fn a_revocation_makes_it_forget_whom_it_concerns() {
        let known = KnownCredentials::new();
        let users = [(); 2].map(|()| UserId::generate(&RandomIds));
        let session = SessionId::from_uuid(RandomIds.uuid());
        let sign_in = |user| Credential::SignIn(user, session, WorkspaceId::DEFAULT);
        for user in users {
            let subject = Subject::User { id: user, session: Some(session) };
            known.insert(sign_in(user), Scope { subject, ..Scope::operator() }, None);
        }
        known.forget(&Revocation { kind: RevocationKind::User, subject: users[0].uuid() });
        let now = Timestamp::default();
        assert_eq!(known.get(&sign_in(users[0]), now), None);
        assert!(known.get(&sign_in(users[1]), now).is_some());
    }
}
