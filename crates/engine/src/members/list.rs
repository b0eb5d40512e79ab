//! Lists members.

use vpaura_domain::{Listing, Member, Page, Permission, Scope};

use crate::{Engine, Result};

impl Engine {
    /// A page of the workspace's members, the newest first.
    pub async fn list_members(&self, scope: &Scope, page: &Page) -> Result<Listing<Member>> {
        scope.require(Permission::MembersRead)?;
        Ok(self.store.list_members(scope, page).await?)
    }
}
