//! `/workspaces`: the tenants. What is in one has files of its own: members, roles, invitations,
//! API keys, audit.

mod create;
mod delete;
mod get;
mod list;
mod update;

pub(crate) use create::*;
pub(crate) use delete::*;
pub(crate) use get::*;
pub(crate) use list::*;
pub(crate) use update::*;
