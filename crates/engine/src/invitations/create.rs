//! Invites somebody.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;
use vpaura_auth::{Email, OpaqueToken, TokenKind};
use vpaura_domain::{
    Invitation, InvitationId, InvitationStatus, Origin, Permission, RoleRef, Scope,
};
use vpaura_store::Created;

use crate::audit::Deed;
use crate::idempotency::Idempotency;
use crate::{Engine, Error, Result};

const MAX_DAYS: u32 = 90;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Who is invited, as what.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// The address.
    pub email: String,
    /// The role that they get.
    pub role: RoleRef,
    /// For how many days, 1 to 90.
    pub expires_in_days: u32,
}

/// An invitation that was made.
#[derive(Debug, Clone)]
pub struct CreatedInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// What proves it; shown once, so none when an idempotency key repeats the request.
    pub token: Option<SecretString>,
    /// Whether the address was sent the link.
    pub mailed: bool,
}

impl Engine {
    /// Invites the holder of an address. An open invitation to the same address is replaced.
    pub async fn create_invitation(
        &self,
        scope: &Scope,
        origin: &Origin,
        new: NewInvitation,
        idempotency: Option<Idempotency>,
    ) -> Result<CreatedInvitation> {
        scope.require(Permission::MembersWrite)?;
        let email = Email::parse(&new.email).map_err(|error| Error::invalid("email", error))?;
        if !(1..=MAX_DAYS).contains(&new.expires_in_days) {
            let reason = format!("must be between 1 and {MAX_DAYS}");
            return Err(Error::invalid("expires_in_days", reason));
        }
        let token = OpaqueToken::generate(TokenKind::Invitation, &*self.entropy);
        let (id, now) = (InvitationId::generate(&*self.ids), self.clock.now());
        let invitation = Invitation {
            id,
            email: email.as_given().to_owned(),
            role: new.role,
            status: InvitationStatus::Open,
            invited_by: scope.user_id(),
            created_at: now,
            expires_at: now.plus(DAY * new.expires_in_days),
        };
        let details = json!({ "email": invitation.email, "role": invitation.role });
        let deed = Deed::to("invitation.created", "invitation", id, details);
        let new = vpaura_store::NewInvitation {
            invitation,
            email_key: email.key().to_owned(),
            token_hash: token.hash().as_str().to_owned(),
            entry: self.entry(scope, origin, deed),
        };
        let key = idempotency.map(Into::into);
        match self.store.create_invitation(scope, new, key.as_ref()).await? {
            Created::New(invitation) => {
                let token = token.text().clone();
                let mailed = self.mail_invitation(scope, &email, &invitation, &token).await;
                Ok(CreatedInvitation { invitation, token: Some(token), mailed })
            }
            Created::Replayed(invitation) => {
                Ok(CreatedInvitation { invitation, token: None, mailed: false })
            }
        }
    }

    /// Sends the link, if that is possible. The invitation holds either way.
    async fn mail_invitation(
        &self,
        scope: &Scope,
        to: &Email,
        invitation: &Invitation,
        token: &SecretString,
    ) -> bool {
        let Some(host) = self.settings.public_url.as_deref().filter(|_| self.mailer.is_enabled())
        else {
            return false;
        };
        let link = Url::parse(&format!("{host}/accept?token={}", token.expose_secret()));
        let (Ok(link), Ok(workspace)) = (link, self.get_workspace(scope).await) else {
            return false;
        };
        let inviter = match scope.user_id() {
            Some(user) => self.store.get_member(scope, user).await.ok().flatten(),
            None => None,
        };
        let inviter = inviter.map_or_else(|| self.settings.app_name.clone(), |it| it.username);
        let letter = vpaura_auth::Invitation {
            link: &link,
            works_for: invitation.expires_at.since(invitation.created_at),
            workspace: &workspace.name,
            inviter: &inviter,
        };
        match self.mailer.send_invitation(to, letter).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(invitation.id = %invitation.id, %error, "it was not mailed");
                false
            }
        }
    }
}
