//! Reads one session.

use vpaura_domain::{Permission, Scope, Session, SessionId};

use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// The session, if the caller may see it.
    pub async fn get_session(&self, scope: &Scope, id: SessionId) -> Result<Session> {
        scope.require(Permission::ChatRead)?;
        self.store.get_session(scope, id).await?.ok_or(Error::NotFound(Thing::Session))
    }
}
