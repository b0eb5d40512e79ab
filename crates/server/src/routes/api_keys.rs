//! `/workspaces/{id}/api-keys`: credentials of machines.

mod create;
mod delete;
mod list;

pub(crate) use create::*;
pub(crate) use delete::*;
pub(crate) use list::*;
