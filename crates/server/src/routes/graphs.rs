//! `/graphs`: how chatbots can answer.

mod list;

pub(crate) use list::*;
