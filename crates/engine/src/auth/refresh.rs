//! Trades a refresh token for the next pair of tokens.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use vpaura_auth::{OpaqueToken, TokenKind};
use vpaura_domain::{Actor, Origin};
use vpaura_store::{RefreshSignIn, Refreshed};

use super::{Arrival, SignedIn};
use crate::audit::Deed;
use crate::{Engine, Error, Result};

impl Engine {
    /// Uses the refresh token up. One that was used before ends the session it belongs to.
    ///
    /// # Errors
    /// [`Error::TokenRefused`] when it is not, or not any more, valid.
    pub async fn refresh(&self, token: &SecretString, arrival: &Arrival) -> Result<SignedIn> {
        let given = OpaqueToken::parse(TokenKind::Refresh, token.expose_secret());
        let given = given.map_err(|_| Error::TokenRefused)?;
        let next = OpaqueToken::generate(TokenKind::Refresh, &*self.entropy);
        let now = self.clock.now();
        let refresh = RefreshSignIn {
            given_hash: given.hash().as_str().to_owned(),
            next_hash: next.hash().as_str().to_owned(),
            expires_at: now.plus(self.settings.auth.refresh_life),
            reused: self.reuse_entry(&arrival.origin),
        };
        let (user_id, session_id, workspace_id) =
            match self.store.refresh_sign_in(refresh, now).await? {
                Refreshed::Next { user_id, session_id, workspace_id } => {
                    (user_id, session_id, workspace_id)
                }
                Refreshed::Reused(session) => {
                    self.sessions_ended(&[session]).await;
                    return Err(Error::TokenRefused);
                }
                Refreshed::Unknown => return Err(Error::TokenRefused),
            };
        let user = self.store.get_user(user_id).await?.ok_or(Error::TokenRefused)?;
        let me = self.user_in(user, Some(workspace_id)).await?;
        if me.workspace_id() != workspace_id {
            // They are no member there any more.
            self.store.move_sign_in(user_id, session_id, me.workspace_id(), None, None).await?;
        }
        self.tokens_for(me, session_id, next)
    }

    /// The store puts in whose session it was.
    fn reuse_entry(&self, origin: &Origin) -> vpaura_domain::AuditEntry {
        let deed = Deed {
            action: "token.reused",
            object: Some(("session", String::new())),
            details: json!({}),
        };
        self.entry_in(None, Actor::Anonymous, origin, deed)
    }
}
