//! `/workspaces/{id}/invitations`, and `/invitations` for those who are invited.

mod accept;
mod create;
mod list;
mod look;
mod revoke;

pub(crate) use accept::*;
pub(crate) use create::*;
pub(crate) use list::*;
pub(crate) use look::*;
pub(crate) use revoke::*;
