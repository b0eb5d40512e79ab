//! `/prompts`: the prompt library.

mod create;
mod delete;
mod get;
mod list;
mod replace;
mod rollback;
mod versions;

pub(crate) use create::*;
pub(crate) use delete::*;
pub(crate) use get::*;
pub(crate) use list::*;
pub(crate) use replace::*;
pub(crate) use rollback::*;
pub(crate) use versions::*;
