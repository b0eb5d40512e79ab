//! Roles of a workspace: the ready ones, and its own.

mod create;
mod delete;
mod list;
mod update;

use vpaura_domain::{PermissionSet, clean_name};

use crate::{Error, Result};

const MAX_NAME_CHARS: usize = 64;

fn checked_name(name: &str) -> Result<String> {
    let name = clean_name(name, MAX_NAME_CHARS).map_err(Error::text("name"))?;
    if vpaura_domain::BuiltinRole::named(&name.to_lowercase()).is_some() {
        return Err(Error::invalid("name", "is that of a role which every workspace has"));
    }
    Ok(name)
}

/// What a role may allow: something, and nothing that is not the workspace's to give.
pub(crate) fn checked_permissions(permissions: PermissionSet) -> Result<PermissionSet> {
    if permissions == PermissionSet::NONE {
        return Err(Error::invalid("permissions", "must not be empty"));
    }
    if let Some(foreign) = permissions.and(PermissionSet::INSTALLATION).iter().next() {
        return Err(Error::invalid(
            "permissions",
            format!("{foreign} concerns the installation and cannot be given"),
        ));
    }
    Ok(permissions)
}
