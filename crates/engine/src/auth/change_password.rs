//! Changes one's own password.

use serde_json::json;
use vpaura_auth::{Email, Username};
use vpaura_domain::{Origin, Scope};

use crate::{Engine, Error, Result};

impl Engine {
    /// Sets another password and ends the user's other sign-ins.
    ///
    /// # Errors
    /// [`Error::Forbidden`] when the present password is not right or there is none,
    /// [`Error::Invalid`] for one that may not be chosen, [`Error::RateLimited`].
    pub async fn change_password(
        &self,
        scope: &Scope,
        current: &str,
        password: &str,
        origin: &Origin,
    ) -> Result<()> {
        let (user, session) = self.signed_in_user(scope)?;
        let known = self.require_password(user, current).await?;
        let email = Email::parse(&known.user.email)
            .map_err(|error| Error::Internal(format!("a stored address: {error}")))?;
        let username = Username::parse(&known.user.username).ok();
        let hash = self
            .hash_new_password(password, &email, username.as_ref(), known.user.has_second_factor)
            .await?;
        let entry = self.own_entry(user, origin, "password.changed", json!({}));
        self.store.set_password(user, hash, Some(session), entry, self.clock.now()).await?;
        self.user_changed(user).await;
        Ok(())
    }
}
