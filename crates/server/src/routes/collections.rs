//! `/collections`: documents that are searched as one.

mod create;
mod delete;
mod get;
mod grants;
mod list;
mod reindex;
mod set_grants;
mod update;

pub(crate) use create::*;
pub(crate) use delete::*;
pub(crate) use get::*;
pub(crate) use grants::*;
pub(crate) use list::*;
pub(crate) use reindex::*;
pub(crate) use set_grants::*;
pub(crate) use update::*;
