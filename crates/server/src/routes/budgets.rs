//! `/workspaces/{id}/budgets`: how much may be spent.

mod delete;
mod list;
mod set;

pub(crate) use delete::*;
pub(crate) use list::*;
pub(crate) use set::*;
