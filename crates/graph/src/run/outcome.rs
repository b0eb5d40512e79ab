//! How a run ended without failing.

use crate::{Ask, Limit};

/// How a run ended without failing. Each holds the state: with everything that was merged.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome<S> {
    /// It reached its end.
    Done(S),
    /// It waits for answers: resume the thread with them. The state is that before the step that
    /// asks.
    Interrupted(S, Vec<Ask>),
    /// It was cancelled; what its nodes returned in time and what they had in a
    /// [`Partial`](crate::Partial) is in the state. Of what lives for one step, the state has what
    /// the nodes that were stopped saw: they see it again.
    Cancelled(S),
    /// A limit of its budget was reached; the way out was taken, if there is one. If there is none,
    /// the state is as that of [`Self::Cancelled`].
    Exhausted(S, Limit),
    /// It was drained: it stopped at a barrier, to be resumed.
    Drained(S),
}

impl<S> Outcome<S> {
    /// The state, however the run ended.
    pub fn into_state(self) -> S {
        match self {
            Self::Done(state)
            | Self::Interrupted(state, _)
            | Self::Cancelled(state)
            | Self::Exhausted(state, _)
            | Self::Drained(state) => state,
        }
    }

    /// The state, however the run ended.
    pub const fn state(&self) -> &S {
        match self {
            Self::Done(state)
            | Self::Interrupted(state, _)
            | Self::Cancelled(state)
            | Self::Exhausted(state, _)
            | Self::Drained(state) => state,
        }
    }

    /// The open questions.
    pub fn asks(&self) -> &[Ask] {
        match self {
            Self::Interrupted(_, asks) => asks,
            _ => &[],
        }
    }
}
