//! Lists invitations.

use vpaura_domain::{Invitation, Listing, Page, Permission, Scope};

use crate::{Engine, Result};

impl Engine {
    /// A page of the open invitations into the workspace, expired ones among them, the newest
    /// first.
    pub async fn list_invitations(
        &self,
        scope: &Scope,
        page: &Page,
    ) -> Result<Listing<Invitation>> {
        scope.require(Permission::MembersRead)?;
        Ok(self.store.list_invitations(scope, page).await?)
    }
}
