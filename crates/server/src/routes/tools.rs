//! `/tools`: what chatbots can be given to use.

mod list;

pub(crate) use list::*;
