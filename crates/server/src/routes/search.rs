//! Searching collections.

mod all;
mod body;
mod collection;
mod filter;

pub(crate) use all::*;
pub(crate) use collection::*;
