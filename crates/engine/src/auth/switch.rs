//! Goes on in another workspace.

use serde_json::json;
use vpaura_auth::{OpaqueToken, TokenKind};
use vpaura_domain::{Origin, Scope, WorkspaceId};

use super::SignedIn;
use crate::audit::Deed;
use crate::{Engine, Error, Result};

impl Engine {
    /// The same session in another workspace of the user's. It is remembered for the next
    /// sign-in; the refresh token from before gives way to a new one.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the user is no member there, [`Error::Forbidden`] for who is not
    /// signed in as a user.
    pub async fn switch_workspace(
        &self,
        scope: &Scope,
        workspace: WorkspaceId,
        origin: &Origin,
    ) -> Result<SignedIn> {
        let (user, session) = self.signed_in_user(scope)?;
        let there = self.scope_in(scope, workspace).await?;
        let user = self.store.get_user(user).await?.ok_or(Error::Unauthorized)?;
        let refresh = OpaqueToken::generate(TokenKind::Refresh, &*self.entropy);
        let deed = Deed::to("workspace.switched", "workspace", workspace, json!({}));
        let entry = self.entry(&there, origin, deed);
        let expires_at = self.clock.now().plus(self.settings.auth.refresh_life);
        let next = (refresh.hash().as_str().to_owned(), expires_at);
        if !self.store.move_sign_in(user.id, session, workspace, Some(next), Some(entry)).await? {
            return Err(Error::Unauthorized);
        }
        let me = self.user_in(user, Some(workspace)).await?;
        self.tokens_for(me, session, refresh)
    }
}
