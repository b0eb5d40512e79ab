//! `/workspaces/{id}/audit` and `/audit`: who did what. The second is the installation's log.

mod export;
mod installation;
mod list;
mod query;

pub(crate) use export::*;
pub(crate) use installation::*;
pub(crate) use list::*;
