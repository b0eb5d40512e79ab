//! Looks at a user: oneself, or another.

use vpaura_domain::{Permission, Scope, Subject, User, UserId};

use super::parse_email;
use crate::auth::Me;
use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// The caller, in the workspace where they act. A key shows its maker, and what it may itself.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] for visitors, [`Error::Forbidden`] for the operator's key.
    pub async fn me(&self, scope: &Scope) -> Result<Me> {
        let id = match scope.subject {
            Subject::User { id, .. } | Subject::ApiKey { user: id, .. } => id,
            Subject::Session(_) => return Err(Error::Unauthorized),
            Subject::Operator | Subject::System => {
                return Err(Error::Forbidden("the operator's key belongs to no user"));
            }
        };
        let user = self.store.get_user(id).await?.ok_or(Error::Unauthorized)?;
        let me = self.user_in(user, Some(scope.workspace_id)).await?;
        Ok(Me { permissions: scope.permissions, ..me })
    }

    /// A user: oneself, or with `users:read` any.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for users whom the caller may not see.
    pub async fn get_user(&self, scope: &Scope, id: UserId) -> Result<User> {
        let missing = Error::NotFound(Thing::User);
        let is_self = matches!(scope.subject, Subject::User { id: own, .. } if own == id);
        if !is_self && scope.require(Permission::UsersRead).is_err() {
            return Err(missing);
        }
        self.store.get_user(id).await?.ok_or(missing)
    }

    /// The user with this e-mail address.
    ///
    /// # Errors
    /// [`Error::Denied`] without `users:read`, [`Error::NotFound`].
    pub async fn find_user(&self, scope: &Scope, email: &str) -> Result<User> {
        scope.require(Permission::UsersRead)?;
        let email = parse_email(email)?;
        let known = self.store.user_with_email(email.key()).await?;
        known.map(|known| known.user).ok_or(Error::NotFound(Thing::User))
    }
}
