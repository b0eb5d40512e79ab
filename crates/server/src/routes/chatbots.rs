//! `/chatbots`: configured models with their prompts and tools, in versions.

mod create;
mod delete;
mod get;
mod grants;
mod list;
mod rollback;
mod set_grants;
mod update;
mod versions;

pub(crate) use create::*;
pub(crate) use delete::*;
pub(crate) use get::*;
pub(crate) use grants::*;
pub(crate) use list::*;
pub(crate) use rollback::*;
pub(crate) use set_grants::*;
pub(crate) use update::*;
pub(crate) use versions::*;
