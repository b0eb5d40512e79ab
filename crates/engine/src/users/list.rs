//! Lists users.

use vpaura_domain::{Listing, Page, Permission, Scope, User};
use vpaura_store::UserFilter;

use crate::{Engine, Error, Result};

const MAX_QUERY_CHARS: usize = 200;

impl Engine {
    /// A page of the installation's users, the newest first.
    ///
    /// # Errors
    /// [`Error::Denied`] without `users:read`.
    pub async fn list_users(
        &self,
        scope: &Scope,
        filter: &UserFilter,
        page: &Page,
    ) -> Result<Listing<User>> {
        scope.require(Permission::UsersRead)?;
        let length = filter.query.as_ref().map_or(0, |query| query.chars().count());
        if length > MAX_QUERY_CHARS {
            let reason = format!("must be at most {MAX_QUERY_CHARS} characters, this is {length}");
            return Err(Error::invalid("query", reason));
        }
        Ok(self.store.list_users(filter, page).await?)
    }
}
