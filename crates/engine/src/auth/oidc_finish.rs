//! Lets in who comes back from an identity provider.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use vpaura_auth::{Callback, Email, OidcIdentity};
use vpaura_config::Registration as Policy;
use vpaura_domain::{Actor, BuiltinRole, Origin, User, UserId, WorkspaceId};
use vpaura_store::{Join, MappedRole, NewUser};

use super::oidc_start::{Waiting, failed, waiting_key};
use super::signed_in::Proof;
use super::{Arrival, IdentityProvider, SignedIn};
use crate::audit::Deed;
use crate::users::fresh_user;
use crate::{Engine, Error, Result};

const UNKNOWN: Error = Error::RegistrationClosed("there is no user with your e-mail address");

/// Somebody who is back.
#[derive(Debug)]
pub struct OidcReturn {
    /// Who they are.
    pub signed_in: SignedIn,
    /// Where they wanted to go.
    pub return_to: String,
}

impl Engine {
    /// Ends a sign-in by the provider of this name. What the browser brings counts once, and only
    /// from the browser that began.
    ///
    /// # Errors
    /// [`Error::TokenRefused`] when it did not begin here, or too long ago;
    /// [`Error::ProviderRefused`], [`Error::ProviderFailed`]; [`Error::RegistrationClosed`] for
    /// who is new where nobody new may come; [`Error::SignInFailed`] for who may not sign in.
    pub async fn finish_oidc(
        &self,
        id: &str,
        binding: &SecretString,
        callback: Callback,
        arrival: &Arrival,
    ) -> Result<OidcReturn> {
        self.admit_attempt(arrival).await?;
        let key = waiting_key(binding.expose_secret());
        let waiting = self.kv.get(&key).await.ok_or(Error::TokenRefused)?;
        if !self.kv.delete(&key).await {
            return Err(Error::TokenRefused);
        }
        let waiting: Waiting = serde_json::from_slice(&waiting).map_err(|_| Error::TokenRefused)?;
        if waiting.provider != id {
            return Err(Error::TokenRefused);
        }
        let provider = self.identity_provider(id)?;
        let identity = provider.provider.finish(waiting.pending, callback).await.map_err(failed)?;
        let user = self.user_of(provider, &identity, &arrival.origin).await?;
        if !user.is_active {
            return Err(self.failed(Some(user.id), "oidc", arrival).await?);
        }
        self.apply_groups(provider, user.id, &identity.groups, &arrival.origin).await?;
        let proof = Proof { method: "oidc", ..Proof::default() };
        let signed_in = self.open_session(user, proof, arrival).await?;
        Ok(OidcReturn { signed_in, return_to: waiting.return_to })
    }

    /// The user whom the provider knows: as before, by a verified address, or a new one.
    async fn user_of(
        &self,
        provider: &IdentityProvider,
        identity: &OidcIdentity,
        origin: &Origin,
    ) -> Result<User> {
        let OidcIdentity { issuer, subject, .. } = identity;
        if let Some(known) = self.store.user_with_identity(issuer, subject).await? {
            return Ok(known.user);
        }
        let email = identity.email.as_ref().filter(|_| identity.email_verified);
        let email = email.ok_or(Error::RegistrationClosed(
            "the identity provider did not give a verified e-mail address",
        ))?;
        if let Some(known) = self.store.user_with_email(email.key()).await? {
            let details = json!({ "provider": provider.id });
            let entry = self.own_entry(known.user.id, origin, "identity.linked", details);
            let (issuer, subject) = (issuer.clone(), subject.clone());
            let (id, now) = (known.user.id, self.clock.now());
            self.store.link_identity(id, issuer, subject, entry, now).await?;
            self.user_changed(id).await;
            return self.store.get_user(id).await?.ok_or(Error::SignInFailed);
        }
        self.new_user_of(provider, identity, email, origin).await
    }

    /// Somebody whom nobody here knows yet, as a user.
    async fn new_user_of(
        &self,
        provider: &IdentityProvider,
        identity: &OidcIdentity,
        email: &Email,
        origin: &Origin,
    ) -> Result<User> {
        let join = self.way_in_by(provider, email).await?;
        let (workspace, by) = match &join {
            Some(Join::Invited(id, _)) => (*id, "invitation"),
            Some(Join::As(id, _)) => (*id, "oidc"),
            None => (WorkspaceId::DEFAULT, "oidc"),
        };
        let id = UserId::generate(&*self.ids);
        let user =
            User { full_name: identity.name.clone(), ..fresh_user(id, email, self.clock.now()) };
        let details = json!({ "provider": provider.id });
        let new = NewUser {
            user,
            email_key: email.key().to_owned(),
            username_key: String::new(),
            password_hash: None,
            identity: Some((identity.issuer.clone(), identity.subject.clone())),
            join,
            idempotency: None,
            entries: vec![
                self.own_entry(id, origin, "user.registered", details),
                self.joined_entry(Actor::User { id }, id, workspace, by, origin),
            ],
        };
        self.create_named(new, None, email).await
    }

    /// How somebody new with this verified address may join; nothing when only as the first user
    /// of all. What the provider's settings leave open follows the registration policy, where the
    /// address is as good as an invitation's link, which went to it.
    async fn way_in_by(&self, provider: &IdentityProvider, email: &Email) -> Result<Option<Join>> {
        let policy = match provider.create_users {
            Some(true) => Policy::Open,
            Some(false) => return Err(UNKNOWN),
            None => self.settings.auth.registration,
        };
        if policy == Policy::Open {
            return Ok(Some(self.default_join()));
        }
        if !self.store.has_users().await? {
            return Ok(None);
        }
        let invited = match policy {
            Policy::Invitation => {
                self.store.open_invitation_to(email.key(), self.clock.now()).await?
            }
            _ => None,
        };
        let (workspace, token) = invited.ok_or(UNKNOWN)?;
        Ok(Some(Join::Invited(workspace, token)))
    }

    /// Gives the user the role that their groups say, where groups say roles.
    async fn apply_groups(
        &self,
        provider: &IdentityProvider,
        user: UserId,
        groups: &[String],
        origin: &Origin,
    ) -> Result<()> {
        let Some(roles) = &provider.roles else { return Ok(()) };
        let role = roles.role(groups).and_then(BuiltinRole::named);
        let role = role.unwrap_or_else(|| self.default_role());
        let details = json!({ "role": role.name(), "by": provider.id });
        let deed = Deed::to("member.role_changed", "user", user, details);
        let entry = self.entry_in(Some(WorkspaceId::DEFAULT), Actor::System, origin, deed);
        self.store.map_role(user, MappedRole { role, entry }, self.clock.now()).await?;
        Ok(())
    }
}
