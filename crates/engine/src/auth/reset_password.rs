//! Sets a password with the link of who forgot it.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use vpaura_auth::{Email, OpaqueToken, TokenKind, Username};
use vpaura_domain::{AuditEntry, Origin, Permission, Scope, Timestamp, UserId};
use vpaura_store::{NewOneUseToken, OneUsePurpose};

use super::Arrival;
use super::forgot_password::LINK_LIFE;
use crate::audit::{Deed, actor};
use crate::users::parse_email;
use crate::{Engine, Error, Result, Thing};

/// A link that works once. `Debug` does not show it.
#[derive(Debug)]
pub struct ResetLink {
    /// Where a new password is set.
    pub url: SecretString,
    /// When it stops working.
    pub expires_at: Timestamp,
}

impl Engine {
    /// Sets the password of who holds the token and ends all their sign-ins. Of two at once, one
    /// wins.
    ///
    /// # Errors
    /// [`Error::TokenRefused`] when the token is not, or not any more, valid;
    /// [`Error::Invalid`] for a password that may not be chosen: the token is still good then.
    pub async fn reset_password(
        &self,
        token: &SecretString,
        password: &str,
        arrival: &Arrival,
    ) -> Result<()> {
        self.admit_attempt(arrival).await?;
        let token = OpaqueToken::parse(TokenKind::PasswordReset, token.expose_secret());
        let token = token.map_err(|_| Error::TokenRefused)?.hash().as_str().to_owned();
        let now = self.clock.now();
        let holder = self
            .store
            .one_use_token_user(&token, OneUsePurpose::PasswordReset, now)
            .await?
            .ok_or(Error::TokenRefused)?;
        let user = self.store.get_user(holder).await?.ok_or(Error::TokenRefused)?;
        let email = Email::parse(&user.email).map_err(|_| Error::TokenRefused)?;
        let username = Username::parse(&user.username).ok();
        let hash = self
            .hash_new_password(password, &email, username.as_ref(), user.has_second_factor)
            .await?;
        let entry = self.own_entry(user.id, &arrival.origin, "password.reset", json!({}));
        self.store.reset_password(user.id, token, hash, entry, now).await?;
        self.user_changed(user.id).await;
        Ok(())
    }

    /// A link for the user with this address, for an operator to hand over.
    ///
    /// # Errors
    /// [`Error::Denied`] without `users:write`, [`Error::NotFound`].
    pub async fn password_reset_link(
        &self,
        scope: &Scope,
        email: &str,
        origin: &Origin,
    ) -> Result<ResetLink> {
        scope.require(Permission::UsersWrite)?;
        let email = parse_email(email)?;
        let known = self.store.user_with_email(email.key()).await?;
        let user = known.ok_or(Error::NotFound(Thing::User))?.user;
        let deed =
            Deed::to("password.reset_requested", "user", user.id, json!({ "by": "operator" }));
        let entry = self.entry_in(None, actor(scope), origin, deed);
        self.reset_link_of(user.id, entry).await
    }

    pub(super) async fn reset_link_of(
        &self,
        user_id: UserId,
        entry: AuditEntry,
    ) -> Result<ResetLink> {
        let token = OpaqueToken::generate(TokenKind::PasswordReset, &*self.entropy);
        let now = self.clock.now();
        let expires_at = now.plus(LINK_LIFE);
        let new = NewOneUseToken {
            token_hash: token.hash().as_str().to_owned(),
            purpose: OneUsePurpose::PasswordReset,
            user_id,
            expires_at,
            entry,
        };
        self.store.put_one_use_token(new, now).await?;
        let base = self.settings.public_url.as_deref().unwrap_or("http://localhost:8000");
        let url = format!("{base}/reset-password?token={}", token.text().expose_secret());
        Ok(ResetLink { url: url.into(), expires_at })
    }
}
