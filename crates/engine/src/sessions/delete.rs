//! Deletes a session: softly (rows kept, token dead) or for good, with all that it holds.

use serde_json::json;
use vpaura_domain::{Origin, Permission, Scope, Session, SessionId, UserId};

use crate::audit::{Deed, actor};
use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// Deletes the session. `hard` removes a visitor's conversations, messages, runs and files
    /// too. To delete a user's session is to sign them out there: what they have is theirs, not
    /// the session's.
    pub async fn delete_session(
        &self,
        scope: &Scope,
        id: SessionId,
        hard: bool,
        origin: &Origin,
    ) -> Result<()> {
        let session = self.store.get_session(scope, id).await?;
        let owner = session.and_then(|session: Session| session.owner_id);
        // Whoever signed in may sign out, whatever else they may.
        if owner.is_none() || owner != scope.user_id() {
            scope.require(Permission::ChatWrite)?;
        }
        if let Some(owner) = owner {
            return self.end_sign_in(scope, owner, id, hard, origin).await;
        }
        self.stop_runs_of_session(scope, id).await?;
        let deed = Deed::to("session.revoked", "session", id, json!({ "hard": hard }));
        let entry = self.entry(scope, origin, deed);
        if hard {
            if !self.store.purge_session(scope, id, Some(&entry)).await? {
                return Err(Error::NotFound(Thing::Session));
            }
            self.released.notify_one();
        } else if !self.store.delete_session(scope, id, &entry, self.clock.now()).await? {
            return Err(Error::NotFound(Thing::Session));
        }
        self.forget_session(id);
        Ok(())
    }

    async fn end_sign_in(
        &self,
        scope: &Scope,
        owner: UserId,
        id: SessionId,
        hard: bool,
        origin: &Origin,
    ) -> Result<()> {
        let deed = Deed::to("session.revoked", "session", id, json!({ "user_id": owner }));
        let entry = self.entry_in(None, actor(scope), origin, deed);
        if !self.store.end_sign_in(owner, id, entry, self.clock.now()).await? {
            return Err(Error::NotFound(Thing::Session));
        }
        if hard {
            self.store.purge_session(scope, id, None).await?;
        }
        self.sessions_ended(&[id]).await;
        Ok(())
    }
}
