//! API keys: credentials of machines, never above their maker.

mod create;
mod delete;
mod list;

use vpaura_domain::{Permission, Scope, UserId};

use crate::{Error, Result};

pub use create::{CreatedApiKey, NewApiKey};

/// Whose keys the scope may see and revoke: its user's own, or everybody's (`None`).
fn makers(scope: &Scope) -> Result<Option<UserId>> {
    if scope.permissions.has(Permission::KeysManage) {
        return Ok(None);
    }
    scope.require(Permission::KeysWrite)?;
    scope.user_id().map(Some).ok_or(Error::Forbidden("only a user has API keys"))
}
