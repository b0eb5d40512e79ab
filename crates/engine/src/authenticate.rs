//! Proves who is calling: from a credential to the [`Scope`] without which no operation can be
//! called, and from one workspace's scope to another's.
//!
//! What was looked up is believed for five seconds at most, and not at all once a
//! [revocation](crate::revocations) says otherwise.

mod access_token;
mod api_key;
mod current;
mod known;
mod scope_in;

use vpaura_domain::{PermissionSet, Scope};

use crate::{Engine, Error, Result};

pub(crate) use known::{BELIEF, KnownCredentials};

impl Engine {
    /// A bearer credential: an API key, the operator's or a workspace's, a user's access token, or
    /// a visitor's session token.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] when it is none of these, or no longer holds.
    pub async fn authenticate_bearer(&self, credential: &str) -> Result<Scope> {
        match self.authenticate_api_key(credential).await {
            Err(Error::Unauthorized) => {}
            proved => return proved,
        }
        match self.authenticate_access_token(credential).await {
            Err(Error::Unauthorized) => self.authenticate_session(credential).await,
            proved => proved,
        }
    }
}

/// What a user may do: what their role allows, and the installation where they own it.
pub(crate) fn with_installation(role: PermissionSet, is_owner: bool) -> PermissionSet {
    if is_owner { role | PermissionSet::INSTALLATION } else { role }
}

#[cfg(test)]
mod tests {
    use vpaura_domain::BuiltinRole;

    use super::*;

    #[test]
    fn an_owner_of_the_installation_has_it_beside_their_role() {
        for role in [PermissionSet::NONE, BuiltinRole::Owner.permissions(), PermissionSet::ALL] {
            let both = with_installation(role, true);
            assert!(both.covers(role) && both.covers(PermissionSet::INSTALLATION));
            assert_eq!(
                both.without(PermissionSet::INSTALLATION),
                role.without(PermissionSet::INSTALLATION)
            );
            assert_eq!(with_installation(role, false), role);
        }
    }
}
