//! Changes a session's title, status or metadata.

use vpaura_domain::{
    Permission, Scope, Session, SessionChanges, SessionId, SessionStatus, clean_title,
};

use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// Applies the changes and returns the session as it is then.
    pub async fn update_session(
        &self,
        scope: &Scope,
        id: SessionId,
        mut changes: SessionChanges,
    ) -> Result<Session> {
        scope.require(Permission::ChatWrite)?;
        if let Some(Some(title)) = &mut changes.title {
            *title = clean_title(title).map_err(Error::text("title"))?;
        }
        if changes.status == Some(SessionStatus::Deleted) {
            return Err(Error::invalid(
                "status",
                "must be active or archived; use DELETE to delete",
            ));
        }
        self.store
            .update_session(scope, id, &changes, self.clock.now())
            .await?
            .ok_or(Error::NotFound(Thing::Session))
    }
}
