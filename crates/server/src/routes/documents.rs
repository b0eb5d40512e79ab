//! `/collections/{id}/documents`: what a collection holds.

mod add;
mod content;
mod delete;
mod get;
mod list;
mod page;
mod reindex;
mod text;
mod update;
mod upload;

pub(crate) use add::*;
pub(crate) use content::*;
pub(crate) use delete::*;
pub(crate) use get::*;
pub(crate) use list::*;
pub(crate) use page::*;
pub(crate) use reindex::*;
pub(crate) use text::*;
pub(crate) use update::*;
pub(crate) use upload::*;
