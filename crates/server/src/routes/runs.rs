//! `/runs`: look at, follow, answer and stop a run.

mod cancel;
mod events;
mod get;
mod resume;
mod view;

pub(crate) use cancel::*;
pub(crate) use events::*;
pub(crate) use get::*;
pub(crate) use resume::*;
pub(crate) use view::RunView;
