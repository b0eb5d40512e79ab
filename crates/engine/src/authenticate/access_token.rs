//! A user's access token.

use vpaura_auth::AccessClaims;
use vpaura_domain::{PermissionSet, Scope, Subject, Timestamp};

use super::known::Credential;
use super::with_installation;
use crate::{Engine, Error, Result};

impl Engine {
    /// The scope of a user's access token, in the workspace that the token names. Whoever is no
    /// member of it (any more) is still somebody, but may do nothing there.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] when the token is not one of ours or has ended, its session has
    /// ended, its user may not sign in, or its workspace is gone or being deleted: the next
    /// token, for the refresh token, leads to another one.
    pub async fn authenticate_access_token(&self, token: &str) -> Result<Scope> {
        let now = self.clock.now();
        let claims = self.access_tokens.verify(token, now).map_err(|_| Error::Unauthorized)?;
        let credential = Credential::SignIn(claims.user, claims.session, claims.workspace);
        if let Some(scope) = self.credentials.get(&credential, now) {
            return Ok(scope);
        }
        let scope = self.look_up_user(&claims, now).await?;
        self.credentials.insert(credential, scope, None);
        Ok(scope)
    }

    async fn look_up_user(&self, claims: &AccessClaims, now: Timestamp) -> Result<Scope> {
        let AccessClaims { user, session, workspace, .. } = *claims;
        let principal = self.store.user_principal(user, session, workspace, now).await?;
        let principal = principal.ok_or(Error::Unauthorized)?;
        self.store.touch_sign_in(session, principal.last_accessed, now).await?;
        let role = principal.permissions.unwrap_or(PermissionSet::NONE);
        Ok(Scope {
            workspace_id: workspace,
            subject: Subject::User { id: user, session: Some(session) },
            permissions: with_installation(role, principal.is_owner),
        })
    }
}
