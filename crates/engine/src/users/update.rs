//! Changes a user: oneself, or as somebody who manages users.

use serde_json::json;
use vpaura_auth::Email;
use vpaura_domain::{AuditEntry, Origin, Permission, Scope, Subject, User, UserId, UserStatus};
use vpaura_store::UserChanges;

use super::{clean_full_name, parse_email, parse_username};
use crate::audit::{Deed, actor};
use crate::{Engine, Error, Result, Thing};

/// What changes; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateUser {
    /// The address.
    pub email: Option<String>,
    /// The username.
    pub username: Option<String>,
    /// The full name; `Some(None)` removes it.
    pub full_name: Option<Option<String>>,
    /// Whether they may sign in. Needs `users:write`.
    pub status: Option<UserStatus>,
    /// Whether they own the installation. Needs `users:write`.
    pub is_owner: Option<bool>,
}

impl Engine {
    /// Applies the changes and returns the user as they are then. Who is suspended loses every
    /// sign-in at once. Another address of one's own takes the `current_password`.
    ///
    /// # Errors
    /// [`Error::NotFound`] for users whom the caller may not see, [`Error::Denied`] for what only
    /// `users:write` may, [`Error::Conflict`] when a name is taken or the last owner would go,
    /// [`Error::Forbidden`] when the password is not right, [`Error::Invalid`] for another address
    /// of one's own where an identity provider says it, [`Error::RateLimited`].
    pub async fn update_user(
        &self,
        scope: &Scope,
        id: UserId,
        changes: UpdateUser,
        current_password: Option<&str>,
        origin: &Origin,
    ) -> Result<User> {
        let manages = scope.require(Permission::UsersWrite);
        let is_self = matches!(scope.subject, Subject::User { id: own, .. } if own == id);
        if manages.is_err() && !is_self {
            return Err(Error::NotFound(Thing::User));
        }
        if changes.status.is_some() || changes.is_owner.is_some() {
            manages?;
        }
        let email = changes.email.as_deref().map(parse_email).transpose()?;
        let username = changes.username.as_deref().map(parse_username).transpose()?;
        if let Some(email) = &email
            && scope.user_id() == Some(id)
        {
            self.require_own_address(id, email, current_password).await?;
        }
        let entries = self.entries_of(scope, id, &changes, origin);
        let changes_rights = changes.status.is_some() || changes.is_owner.is_some();
        let changes = UserChanges {
            email: email.map(|email| (email.as_given().to_owned(), email.key().to_owned())),
            username: username.map(|name| (name.as_given().to_owned(), name.key().to_owned())),
            full_name: changes.full_name.map(clean_full_name).transpose()?,
            status: changes.status,
            is_owner: changes.is_owner,
        };
        let user = self.store.update_user(id, changes, entries, self.clock.now()).await?;
        let user = user.ok_or(Error::NotFound(Thing::User))?;
        if changes_rights {
            self.user_changed(id).await;
        }
        Ok(user)
    }

    /// Refuses another address of one's own without the password. A letter to it opens the user,
    /// and a provider that vouches for it joins them: a borrowed browser, or a key, must not move
    /// a user there, nor itself to where somebody else is expected.
    async fn require_own_address(
        &self,
        user: UserId,
        email: &Email,
        password: Option<&str>,
    ) -> Result<()> {
        let known = self.store.get_user(user).await?.ok_or(Error::NotFound(Thing::User))?;
        if known.email == email.as_given() {
            return Ok(());
        }
        if !known.has_password {
            let reason = "comes from your identity provider; who manages users can change it";
            return Err(Error::invalid("email", reason));
        }
        self.require_password(user, password.unwrap_or_default()).await?;
        Ok(())
    }

    /// One entry for the state, and one for the rest.
    fn entries_of(
        &self,
        scope: &Scope,
        id: UserId,
        changes: &UpdateUser,
        origin: &Origin,
    ) -> Vec<AuditEntry> {
        let told = |action, details| {
            let deed = Deed::to(action, "user", id, details);
            self.entry_in(None, actor(scope), origin, deed)
        };
        let state = changes.status.map(|status| match status {
            UserStatus::Active => told("user.activated", json!({})),
            UserStatus::Suspended => told("user.suspended", json!({})),
        });
        let fields: Vec<&str> = [
            ("email", changes.email.is_some()),
            ("username", changes.username.is_some()),
            ("full_name", changes.full_name.is_some()),
            ("is_owner", changes.is_owner.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, is_there)| is_there.then_some(name))
        .collect();
        let rest = (!fields.is_empty()).then(|| {
            told("user.updated", json!({ "fields": fields, "is_owner": changes.is_owner }))
        });
        state.into_iter().chain(rest).collect()
    }
}
