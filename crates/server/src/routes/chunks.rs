//! The chunks of documents.

mod list;
mod update;

pub(crate) use list::*;
pub(crate) use update::*;
