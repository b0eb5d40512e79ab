//! `/files`: uploads.

mod content;
mod delete;
mod get;
mod text;
mod upload;

pub(crate) use content::*;
pub(crate) use delete::*;
pub(crate) use get::*;
pub(crate) use text::*;
pub(crate) use upload::*;
