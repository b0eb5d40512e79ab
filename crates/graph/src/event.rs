//! What a run tells while it goes.

mod data;
mod queue;

use std::sync::Arc;

use bytes::Bytes;

pub use data::Data;
pub(crate) use data::Encode;
pub(crate) use queue::{Emitted, Queue, Sink, queue};

use crate::store::Seq;
use crate::{Ask, Limit, Warning};

/// One thing that happened in a run.
#[derive(Debug, Clone)]
pub struct Event<E> {
    /// Counts from 1 within the run, without gaps, in the order of delivery.
    pub seq: u64,
    /// The node: its name, after those of the subgraphs and lanes it is in (`plan/search`); a
    /// worker with its place among the sends of the step (`fetch[2]`). Empty for the run itself.
    pub path: Arc<str>,
    /// The step of the graph that the node is in, from 1 with each input.
    pub step: u32,
    /// The attempt of the node, from 1; 0 for the run itself.
    pub attempt: u32,
    /// Which attempt of all that the run makes: counts from 1 as they begin, also in subgraphs,
    /// whose steps count anew with each call. A [`Discard`](EventKind::Discard) is of what was said
    /// under its own number. 0 for what no attempt made: the run itself, a lane, what was kept.
    pub call: u64,
    /// What happened.
    pub kind: EventKind<E>,
}

/// What happened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum EventKind<E> {
    /// An attempt of the node begins.
    NodeStarted,
    /// The node said a piece of text.
    Token(Bytes),
    /// The node emitted something of its own.
    Custom(E),
    /// What the node returned, before it is merged: an update of its graph's state.
    Update(Data),
    /// The node has returned. With [`Durability::Sync`](crate::Durability) what it returned is
    /// stored: it will not run again, whatever happens.
    NodeFinished {
        /// It did not run: the result was kept, in a cache or from before an interruption.
        cached: bool,
    },
    /// The attempt failed or was dropped: what it has said so far does not count. Where a subgraph is
    /// retried, so do its nodes' attempts that will be made again.
    Discard,
    /// The node waits for an answer.
    InterruptAsked(Ask),
    /// Four fifths of a limit are used up.
    BudgetWarning(Limit),
    /// The node did what is probably a mistake.
    Warning(Warning),
    /// The step is merged, and stored if it is to be. Its number in the thread, if there is one.
    StepCommitted(Option<Seq>),
    /// The state after the step.
    Values(Data),
}

/// Which kinds of events a run tells. [`Events::default`] leaves out those that cost a copy of the
/// state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Events(u8);

impl Events {
    /// Tokens.
    pub const TOKENS: Self = Self(1);
    /// What nodes emit.
    pub const CUSTOM: Self = Self(2);
    /// Nodes beginning and ending, discards, questions, warnings.
    pub const TASKS: Self = Self(4);
    /// What nodes returned.
    pub const UPDATES: Self = Self(8);
    /// The state after each step.
    pub const VALUES: Self = Self(16);
    /// Committed steps.
    pub const CHECKPOINTS: Self = Self(32);
    /// None.
    pub const NONE: Self = Self(0);
    /// All.
    pub const ALL: Self = Self(63);

    /// These and those.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` are told.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(crate) const fn tells<E>(self, kind: &EventKind<E>) -> bool {
        self.has(match kind {
            EventKind::Token(_) => Self::TOKENS,
            EventKind::Custom(_) => Self::CUSTOM,
            EventKind::Update(_) => Self::UPDATES,
            EventKind::Values(_) => Self::VALUES,
            EventKind::StepCommitted(_) => Self::CHECKPOINTS,
            EventKind::NodeStarted
            | EventKind::NodeFinished { .. }
            | EventKind::Discard
            | EventKind::InterruptAsked(_)
            | EventKind::BudgetWarning(_)
            | EventKind::Warning(_) => Self::TASKS,
        })
    }
}

impl Default for Events {
    fn default() -> Self {
        Self::TOKENS.and(Self::CUSTOM).and(Self::TASKS).and(Self::CHECKPOINTS)
    }
}

impl<E> EventKind<E> {
    /// The same event of a graph around this one.
    pub(crate) fn map<P>(self, custom: &dyn Fn(E) -> P) -> EventKind<P> {
        match self {
            Self::Custom(event) => EventKind::Custom(custom(event)),
            Self::NodeStarted => EventKind::NodeStarted,
            Self::Token(bytes) => EventKind::Token(bytes),
            Self::Update(data) => EventKind::Update(data),
            Self::NodeFinished { cached } => EventKind::NodeFinished { cached },
            Self::Discard => EventKind::Discard,
            Self::InterruptAsked(ask) => EventKind::InterruptAsked(ask),
            Self::BudgetWarning(limit) => EventKind::BudgetWarning(limit),
            Self::Warning(warning) => EventKind::Warning(warning),
            Self::StepCommitted(seq) => EventKind::StepCommitted(seq),
            Self::Values(data) => EventKind::Values(data),
        }
    }
}
