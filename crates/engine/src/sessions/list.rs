//! Lists sessions: a visitor sees its own, the operator all.

use vpaura_domain::{Listing, Page, Permission, Scope, Session};
use vpaura_store::SessionFilter;

use crate::{Engine, Result};

impl Engine {
    /// A page of the sessions that the caller may see, newest first.
    pub async fn list_sessions(
        &self,
        scope: &Scope,
        filter: &SessionFilter,
        page: &Page,
    ) -> Result<Listing<Session>> {
        scope.require(Permission::ChatRead)?;
        Ok(self.store.list_sessions(scope, filter, page).await?)
    }
}
