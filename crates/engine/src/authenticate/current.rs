//! What a principal who got in earlier may do now.

use vpaura_domain::{ApiKeyId, PermissionSet, Scope, Subject};
use vpaura_store::KeyIdentity;

use super::{api_key, with_installation};
use crate::{Engine, Error, Result};

impl Engine {
    /// As [`current_scope`](Self::current_scope), for whoever reads something long: it ends when
    /// they are sent away.
    pub(crate) async fn still(&self, scope: &Scope) -> Result<Scope> {
        self.current_scope(scope).await?.ok_or(Error::Unauthorized)
    }

    /// The scope as it would be given out now, past every cache; `None` when it would not be.
    pub(crate) async fn current_scope(&self, scope: &Scope) -> Result<Option<Scope>> {
        let now = self.clock.now();
        let workspace = scope.workspace_id;
        let user = match scope.subject {
            Subject::Session(id) => {
                return Ok(self.valid_session(id, now).await?.map(|_| *scope));
            }
            Subject::ApiKey { id, .. } => return self.current_key(id).await,
            Subject::Operator | Subject::System => {
                let active = self.store.is_active_workspace(workspace).await?;
                return Ok(active.then_some(*scope));
            }
            Subject::User { id, session: Some(session) } => {
                self.store.user_principal(id, session, workspace, now).await?
            }
            Subject::User { id, session: None } => {
                self.store.member_principal(id, workspace).await?
            }
        };
        Ok(user.map(|user| {
            let role = user.permissions.unwrap_or(PermissionSet::NONE);
            Scope { permissions: with_installation(role, user.is_owner), ..*scope }
        }))
    }
    /// As [`current_scope`](Self::current_scope), of the key alone.
    pub(crate) async fn current_key(&self, id: ApiKeyId) -> Result<Option<Scope>> {
        let key = self.store.key_principal(&KeyIdentity::Id(id), self.clock.now()).await?;
        Ok(key.as_ref().map(api_key::scope_of))
    }
}
