//! Deletes a user with everything that is theirs.

use serde_json::json;
use vpaura_domain::{Origin, Permission, Scope, Subject, UserId};

use crate::audit::{Deed, actor};
use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// Deletes the user in all workspaces: conversations, files and their bytes, sessions, keys.
    /// Who deletes themselves proves it with their password, if they have one.
    ///
    /// # Errors
    /// [`Error::NotFound`] for users whom the caller may not see, [`Error::Conflict`] for the last
    /// owner of the installation or of a workspace, [`Error::Forbidden`] for a wrong password.
    pub async fn delete_user(
        &self,
        scope: &Scope,
        id: UserId,
        password: Option<&str>,
        origin: &Origin,
    ) -> Result<()> {
        let missing = || Error::NotFound(Thing::User);
        let is_self = matches!(scope.subject, Subject::User { id: own, .. } if own == id);
        if is_self {
            let user = self.store.get_user(id).await?.ok_or_else(missing)?;
            if user.has_password {
                let password = password
                    .ok_or_else(|| Error::invalid("password", "is needed to delete oneself"))?;
                self.require_password(id, password).await?;
            }
        } else if scope.require(Permission::UsersWrite).is_err() {
            return Err(missing());
        }
        let deed = Deed::to("user.deleted", "user", id, json!({ "by_self": is_self }));
        let entry = self.entry_in(None, actor(scope), origin, deed);
        if !self.store.delete_user(id, entry, self.clock.now()).await? {
            return Err(missing());
        }
        self.user_changed(id).await;
        self.released.notify_one();
        Ok(())
    }
}
