//! What a node hands to the parent graph, which knows its type, as it is stored.

use std::any::Any;
use std::sync::Arc;

use super::Noted;
use crate::codec::Codec;
use crate::ctx::RunShared;
use crate::journal::Unstored;
use crate::{GraphError, State, Step, Usage};

/// A step of a graph whose type is not known here.
pub(crate) type AnyStep = dyn Any + Send + Sync;

type Write = dyn Fn(&AnyStep, Usage) -> Result<String, Unstored> + Send + Sync;
type Read = dyn Fn(&str) -> Result<Arc<AnyStep>, GraphError> + Send + Sync;

/// How a step for the node that a graph runs in is written and read.
pub(crate) struct ToParent {
    pub(super) is_its: fn(&AnyStep) -> bool,
    pub(super) write: Box<Write>,
    pub(super) read: Box<Read>,
}

impl ToParent {
    /// For the node at `path` of a run.
    pub(crate) fn of<S: State>(run: &RunShared<S>, codec: Codec<S>, path: &Arc<str>) -> Self {
        let noted = || Noted::of(run, codec, path);
        let (write, read) = (noted(), noted());
        Self {
            is_its: |step| step.is::<Step<S>>(),
            write: Box::new(move |step, used| {
                let step = step.downcast_ref::<Step<S>>().cloned();
                write.write_step(step.unwrap_or_default(), used)
            }),
            read: Box::new(move |note| Ok(Arc::new(read.read_step(note)?) as _)),
        }
    }
}
