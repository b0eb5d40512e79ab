//! How a task ends, and with what.

use crate::ctx::Voice;
use crate::{GraphError, Limit, State, Step};

/// How a task ended.
pub(crate) enum Ended<S: State> {
    Returned(Returned<S>),
    /// It waits for an answer.
    Interrupted(Had<S>),
    /// It was cancelled.
    Stopped(Had<S>),
    /// A join did not wait for it.
    Dropped(Had<S>),
    /// It passed a limit and has no way out.
    Exhausted(Limit, Had<S>),
    Failed(GraphError),
}

impl<S: State> Ended<S> {
    /// The same, when a join does not wait for the task.
    pub(crate) fn dropped(self) -> Self {
        match self {
            Self::Stopped(had) | Self::Interrupted(had) => Self::Dropped(had),
            other => other,
        }
    }
}

/// What a task had that did not return.
pub(crate) struct Had<S: State> {
    pub(crate) step: Step<S>,
    /// The attempt that had it, from 1.
    pub(crate) attempt: u32,
    /// Its number in the run; 0 where there was none.
    pub(crate) call: u64,
    /// Who has said something that counts if what there is counts.
    pub(super) voice: Option<Voice>,
}

impl<S: State> Had<S> {
    /// What a task had that did not begin.
    pub(crate) fn nothing() -> Self {
        Self { step: Step::new(), attempt: 1, call: 0, voice: None }
    }
}

/// What a task returned.
#[derive(Clone)]
pub(crate) struct Returned<S: State> {
    pub(crate) step: Step<S>,
    /// The attempt that returned it, from 1.
    pub(crate) attempt: u32,
    /// Its number in the run; 0 where there was none.
    pub(crate) call: u64,
    /// It was kept from earlier.
    pub(crate) cached: bool,
    /// It went the way out of its budget.
    pub(crate) out: Option<Limit>,
    /// It failed and the failure is somebody's to handle, or it went the way out: its own edges
    /// are not followed.
    pub(crate) diverted: bool,
}

impl<S: State> Returned<S> {
    /// What a task had that did not return.
    pub(crate) fn had(had: Had<S>) -> Self {
        Self { call: had.call, ..Self::plain(had.step, had.attempt) }
    }

    pub(super) const fn plain(step: Step<S>, attempt: u32) -> Self {
        let out = step.out;
        Self { step, attempt, call: 0, cached: false, out, diverted: false }
    }
}
