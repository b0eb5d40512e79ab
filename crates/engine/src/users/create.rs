//! Creates a user for somebody.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use vpaura_domain::{
    BuiltinRole, Denied, Origin, Permission, PermissionSet, RoleRef, Scope, User, UserId,
    WorkspaceId,
};
use vpaura_store::{Join, NewUser};

use super::{clean_full_name, fresh_user, parse_email, parse_username};
use crate::audit::{Deed, actor};
use crate::{Engine, Idempotency, Result};

/// A user to be created. `Debug` shows no secret.
#[derive(Debug)]
pub struct CreateUser {
    /// Their address.
    pub email: String,
    /// The name that they get; one is made of the address where absent.
    pub username: Option<String>,
    /// Their name.
    pub full_name: Option<String>,
    /// Their password; without one they set it by a link, or come from an identity provider.
    pub password: Option<SecretString>,
    /// Their role in the default workspace; the configured one where absent.
    pub role: Option<BuiltinRole>,
}

impl Engine {
    /// Creates the user as a member of the default workspace. The first user of all owns the
    /// installation.
    ///
    /// # Errors
    /// [`Denied`] without `users:write`, or for a role above the caller's own in the default
    /// workspace.
    pub async fn create_user(
        &self,
        scope: &Scope,
        new: CreateUser,
        origin: &Origin,
        idempotency: Option<Idempotency>,
    ) -> Result<User> {
        scope.require(Permission::UsersWrite)?;
        let role = new.role.unwrap_or_else(|| self.default_role());
        if new.role.is_some() {
            self.require_cover(scope, role).await?;
        }
        let email = parse_email(&new.email)?;
        let chosen = new.username.as_deref().map(parse_username).transpose()?;
        let full_name = clean_full_name(new.full_name)?;
        let password_hash = match &new.password {
            Some(password) => {
                let password = password.expose_secret();
                Some(self.hash_new_password(password, &email, chosen.as_ref(), false).await?)
            }
            None => None,
        };
        let id = UserId::generate(&*self.ids);
        let deed = Deed::to("user.created", "user", id, json!({ "role": role.name() }));
        let default = WorkspaceId::DEFAULT;
        let entries = vec![
            self.entry_in(None, actor(scope), origin, deed),
            self.joined_entry(actor(scope), id, default, "creation", origin),
        ];
        let new = NewUser {
            user: User { full_name, ..fresh_user(id, &email, self.clock.now()) },
            email_key: email.key().to_owned(),
            username_key: String::new(),
            password_hash,
            identity: None,
            join: Some(Join::As(default, RoleRef::Builtin(role))),
            idempotency: idempotency.map(|key| (*scope, key.into())),
            entries,
        };
        self.create_named(new, chosen, &email).await
    }

    /// Nobody gives a role that may more than they do there.
    async fn require_cover(&self, scope: &Scope, role: BuiltinRole) -> Result<()> {
        let own = match self.scope_in(scope, WorkspaceId::DEFAULT).await {
            Ok(there) => there.permissions,
            Err(crate::Error::NotFound(_)) => PermissionSet::NONE,
            Err(error) => return Err(error),
        };
        match role.permissions().without(own).iter().next() {
            None => Ok(()),
            Some(missing) => Err(Denied(missing).into()),
        }
    }
}
