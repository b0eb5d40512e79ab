//! `/workspaces/{id}/members`: who is in a workspace, and as what.

mod change;
mod list;
mod remove;

pub(crate) use change::*;
pub(crate) use list::*;
pub(crate) use remove::*;
