//! The providers that people can sign in with.

use vpaura_auth::{OidcProvider, RoleMapping};

/// A configured provider.
#[derive(Debug)]
pub struct IdentityProvider {
    /// Its name in addresses.
    pub id: String,
    /// What people see.
    pub name: String,
    /// Who proves people.
    pub provider: OidcProvider,
    /// Which role in the default workspace their groups give; nothing when roles are kept.
    pub roles: Option<RoleMapping>,
    /// Whether people who are new here become users; nothing where that follows the registration
    /// policy.
    pub create_users: Option<bool>,
}
