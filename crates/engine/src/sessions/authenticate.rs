//! Proves a visitor from the token of their session.

use vpaura_domain::{Scope, Session, SessionId, Timestamp};

use crate::{Engine, Error, Result};

impl Engine {
    /// The scope of a session token. The session is looked up (at most five seconds old), so a
    /// deleted one stops working, and its `last_accessed` is kept.
    pub async fn authenticate_session(&self, token: &str) -> Result<Scope> {
        if !self.settings.auth.anonymous {
            return Err(Error::Unauthorized);
        }
        let now = self.clock.now();
        let id = self.tokens.verify(token, now).map_err(|_| Error::Unauthorized)?;
        if self.known_sessions.get(&id).is_some() {
            return Ok(Scope::session(id));
        }
        let scope = Scope::session(id);
        self.valid_session(id, now).await?.ok_or(Error::Unauthorized)?;
        self.store.touch_session(&scope, id, now).await?;
        self.known_sessions.insert(id, ());
        Ok(scope)
    }

    /// The visitor's session as it is stored, while it lets somebody in.
    pub(crate) async fn valid_session(
        &self,
        id: SessionId,
        now: Timestamp,
    ) -> Result<Option<Session>> {
        let session = self.store.get_session(&Scope::session(id), id).await?;
        // Who signed in proves it with an access token alone.
        Ok(session.filter(|it| now < it.expires_at && it.owner_id.is_none()))
    }

    /// Forgets that the session was valid, so that its deletion bites at once here.
    pub(crate) fn forget_session(&self, id: SessionId) {
        self.known_sessions.invalidate(&id);
    }
}
