//! Workspaces: create, list, rename, delete. Each operation is a file.

mod create;
mod delete;
mod get;
mod list;
mod remove;
mod rename;

use vpaura_domain::clean_name;

use crate::{Error, Result};

const MAX_NAME_CHARS: usize = 200;

fn checked_name(name: &str) -> Result<String> {
    clean_name(name, MAX_NAME_CHARS).map_err(Error::text("name"))
}
