//! Opens a session for a user who has proved to be one.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::json;
use vpaura_auth::{OpaqueToken, TokenKind};
use vpaura_domain::{Metadata, Session, SessionId, SessionStatus, User, UserId, WorkspaceId};
use vpaura_store::{BeginSignIn, Revocation, RevocationKind};

use super::{Arrival, Me};
use crate::{Engine, Error, Result};

/// A user who is in, with what proves it from now on. `Debug` shows no secret.
#[derive(Debug)]
pub struct SignedIn {
    /// Proves the user to every route, for `expires_in`.
    pub access_token: SecretString,
    /// Gives the next pair of tokens, once.
    pub refresh_token: SecretString,
    /// How long the access token works.
    pub expires_in: Duration,
    /// How long the refresh token works.
    pub refresh_life: Duration,
    /// The user.
    pub user: Me,
}

/// How a user proved who they are, and what is used up by it.
#[derive(Debug, Default)]
pub(super) struct Proof {
    /// In a word, for the audit log.
    pub(super) method: &'static str,
    /// The step of the second factor.
    pub(super) totp_step: Option<i64>,
    /// The hash of the recovery code.
    pub(super) recovery_hash: Option<String>,
    /// The password's hash, where it has to be made anew.
    pub(super) password_hash: Option<String>,
}

impl Engine {
    /// Begins the session. What the visitor had becomes the user's.
    pub(super) async fn open_session(
        &self,
        user: User,
        proof: Proof,
        arrival: &Arrival,
    ) -> Result<SignedIn> {
        let wanted = user.workspace_id;
        let mut me = self.user_in(user, wanted).await?;
        let now = self.clock.now();
        let refresh = OpaqueToken::generate(TokenKind::Refresh, &*self.entropy);
        let session = self.session_of(me.user.id, arrival);
        let session_id = session.id;
        let details = json!({ "method": proof.method, "session_id": session_id });
        let entry = self.own_entry(me.user.id, &arrival.origin, "sign_in.succeeded", details);
        let begin = BeginSignIn {
            user_id: me.user.id,
            session,
            workspace_id: me.workspace_id(),
            refresh_hash: refresh.hash().as_str().to_owned(),
            totp_step: proof.totp_step,
            recovery_hash: proof.recovery_hash,
            password_hash: proof.password_hash,
            visitor: arrival.visitor,
            entries: vec![entry],
        };
        self.store.begin_sign_in(begin, now).await?;
        if let Some(visitor) = arrival.visitor {
            self.forget_session(visitor);
            let subject = visitor.uuid();
            self.revoke(&[Revocation { kind: RevocationKind::Session, subject }]).await;
        }
        me.user.last_sign_in_at = Some(now);
        self.tokens_for(me, session_id, refresh)
    }

    /// The tokens of a session that is there.
    pub(super) fn tokens_for(
        &self,
        user: Me,
        session: SessionId,
        refresh: OpaqueToken,
    ) -> Result<SignedIn> {
        let policy = &self.settings.auth;
        let access_token =
            self.access_token(user.user.id, session, user.workspace_id(), policy.access_life)?;
        Ok(SignedIn {
            access_token,
            refresh_token: refresh.text().clone(),
            expires_in: policy.access_life,
            refresh_life: policy.refresh_life,
            user,
        })
    }

    fn access_token(
        &self,
        user: UserId,
        session: SessionId,
        workspace: WorkspaceId,
        life: Duration,
    ) -> Result<SecretString> {
        self.access_tokens
            .issue(user, session, workspace, &*self.ids, self.clock.now(), life)
            .map(|(token, _)| token)
            .map_err(|error| Error::Internal(format!("an access token: {error}")))
    }

    fn session_of(&self, user: UserId, arrival: &Arrival) -> Session {
        let now = self.clock.now();
        Session {
            id: SessionId::generate(&*self.ids),
            user_id: None,
            owner_id: Some(user),
            title: None,
            status: SessionStatus::Active,
            metadata: Metadata::default(),
            user_agent: arrival.origin.user_agent.clone(),
            ip_address: arrival.origin.ip_address.clone(),
            created_at: now,
            updated_at: now,
            last_accessed: now,
            expires_at: now.plus(self.settings.auth.refresh_life),
        }
    }
}
