//! `/messages`: what the citations of an answer point at.

mod citation;
mod content;
mod page;

pub(crate) use citation::*;
pub(crate) use content::*;
pub(crate) use page::*;
