//! Signs out.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use vpaura_auth::{OpaqueToken, TokenKind};
use vpaura_domain::{Origin, Scope, SessionId, Subject, UserId};
use vpaura_store::{Revocation, RevocationKind};

use crate::{Engine, Result};

impl Engine {
    /// Ends the session that the caller signed in to, or with `everywhere` all of the user's.
    /// Who is known by a refresh token alone, because their access token has expired, is signed
    /// out too. Nothing happens to who is not signed in.
    pub async fn sign_out(
        &self,
        scope: Option<&Scope>,
        refresh_token: Option<&SecretString>,
        everywhere: bool,
        origin: &Origin,
    ) -> Result<()> {
        let by_scope = scope.and_then(|scope| match scope.subject {
            Subject::User { id, session: Some(session) } => Some((id, session)),
            _ => None,
        });
        let signed_in = match (by_scope, refresh_token) {
            (Some(known), _) => Some(known),
            (None, Some(token)) => self.holder_of(token).await?,
            (None, None) => None,
        };
        let Some((user, session)) = signed_in else { return Ok(()) };
        let now = self.clock.now();
        let details = json!({ "session_id": session, "everywhere": everywhere });
        let entry = self.own_entry(user, origin, "sign_out", details);
        if everywhere {
            self.store.end_all_sign_ins(user, entry, now).await?;
            self.user_changed(user).await;
        } else {
            self.store.end_sign_in(user, session, entry, now).await?;
            self.sessions_ended(&[session]).await;
        }
        Ok(())
    }

    async fn holder_of(&self, token: &SecretString) -> Result<Option<(UserId, SessionId)>> {
        let Ok(token) = OpaqueToken::parse(TokenKind::Refresh, token.expose_secret()) else {
            return Ok(None);
        };
        Ok(self.store.refresh_token_holder(token.hash().as_str()).await?)
    }

    /// Lets the end of these sessions bite at once.
    pub(crate) async fn sessions_ended(&self, sessions: &[SessionId]) {
        let ended: Vec<_> = sessions
            .iter()
            .map(|id| Revocation { kind: RevocationKind::Session, subject: id.uuid() })
            .collect();
        self.revoke(&ended).await;
    }

    /// Lets everything that is believed of the user be looked up again.
    pub(crate) async fn user_changed(&self, user: UserId) {
        self.revoke(&[Revocation { kind: RevocationKind::User, subject: user.uuid() }]).await;
    }
}
