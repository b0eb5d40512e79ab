//! Sends a link to somebody who forgot their password.

use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::json;
use url::Url;
use vpaura_auth::{Email, PasswordReset};
use vpaura_domain::{Actor, Origin};

use super::Arrival;
use crate::audit::Deed;
use crate::users::parse_email;
use crate::{Engine, Result};

/// How long a link works.
pub(super) const LINK_LIFE: Duration = Duration::from_secs(60 * 60);

impl Engine {
    /// Sends a link to the address, if it is a user's who has a password. Everything is done
    /// behind the caller's back: neither answer nor time tells whether there is such a user.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) for what is no address,
    /// [`Error::RateLimited`](crate::Error::RateLimited).
    pub async fn forgot_password(&self, email: &str, arrival: &Arrival) -> Result<()> {
        self.admit_attempt(arrival).await?;
        let email = parse_email(email)?;
        let Ok(permit) = self.letters.clone().try_acquire_owned() else {
            tracing::warn!("a password's reset was dropped: too many letters are under way");
            return Ok(());
        };
        let (engine, origin) = (self.clone(), arrival.origin.clone());
        self.tasks.spawn(async move {
            if let Err(error) = engine.send_reset(&email, &origin).await {
                tracing::warn!(%error, "a password's reset could not be sent");
            }
            drop(permit);
        });
        Ok(())
    }

    async fn send_reset(&self, email: &Email, origin: &Origin) -> Result<()> {
        let Some(known) = self.store.user_with_email(email.key()).await? else { return Ok(()) };
        let user = known.user;
        // Who comes from an identity provider must not come in without it.
        let is_elsewhere = self.store.has_identity(user.id).await?;
        if !user.is_active || is_elsewhere || !self.may_send_letter(email.key()).await {
            return Ok(());
        }
        let deed = Deed::to("password.reset_requested", "user", user.id, json!({ "by": "mail" }));
        let entry = self.entry_in(None, Actor::Anonymous, origin, deed);
        if !self.mailer.is_enabled() {
            return self.audit(&entry).await;
        }
        let link = self.reset_link_of(user.id, entry).await?;
        let Ok(url) = Url::parse(link.url.expose_secret()) else {
            tracing::error!("server.public_url makes no address for letters");
            return Ok(());
        };
        // To the address that is stored: the one given is only as good.
        let Ok(to) = Email::parse(&user.email) else { return Ok(()) };
        let letter = PasswordReset { link: &url, works_for: LINK_LIFE };
        if let Err(error) = self.mailer.send_password_reset(&to, letter).await {
            tracing::warn!(user.id = %user.id, %error, "a letter was not sent");
        }
        Ok(())
    }
}
