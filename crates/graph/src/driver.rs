//! The superstep loop: run what is due, merge at the barrier, commit, see what is due next.

mod barrier;
mod commit;
mod execute;
mod keep;
mod lead;

#[cfg(any(test, feature = "testkit"))]
pub(crate) use lead::by_itself;
pub(crate) use lead::follow;

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex};

use tokio::time::Instant;

use crate::ctx::RunShared;
use crate::event::{Data, Emitted, EventKind, Events};
use crate::frontier::Frontier;
use crate::journal::Journal;
use crate::store::Source;
use crate::task::Ended;
use crate::{GraphError, Limit, State, Writes};

/// How a graph's run ended, its state aside.
pub(crate) enum End {
    Done,
    Interrupted,
    Cancelled,
    /// A limit was reached and cut off what was due.
    Exhausted(Limit),
    /// A limit was reached, the way out of it was taken, and nothing is due any more.
    Left(Limit),
    Drained,
    /// A nested graph ends for what its parent is to do.
    Parent(Arc<dyn Any + Send + Sync>),
}

/// What a run and whoever holds it show each other.
#[derive(Default)]
pub(crate) struct Signs {
    /// Set when the run is to stop at the next barrier.
    pub(crate) drain: AtomicBool,
    /// Counts when the driver begins to be polled, and when it has been: odd while it is.
    pub(crate) polls: AtomicU64,
    /// How many attempts have begun.
    pub(crate) calls: AtomicU64,
}

/// What the outermost graph and those nested in it have in common.
#[derive(Clone)]
pub(crate) struct Control {
    pub(crate) signs: Arc<Signs>,
    /// How many steps each graph may take that does not say so itself, where the run says.
    pub(crate) step_limit: Option<u32>,
    /// In tests: permutes the order in which tasks finish.
    pub(crate) schedule: Option<u64>,
}

/// States of persistent subgraphs, as JSON, by node.
pub(crate) type Children = Arc<Mutex<BTreeMap<String, Arc<str>>>>;

/// Where a nested graph keeps its steps: among the notes of the task it runs in.
pub(crate) struct Place {
    pub(crate) journal: Journal,
    pub(crate) step: u32,
    pub(crate) path: String,
}

pub(crate) struct Driver<S: State> {
    pub(crate) run: Arc<RunShared<S>>,
    pub(crate) state: Arc<S>,
    pub(crate) frontier: Frontier,
    /// Counts from the last input.
    pub(crate) step: u32,
    /// How many steps the graph may take, and how many are left.
    pub(crate) step_limit: u32,
    pub(crate) steps_left: u32,
    /// The moment when the run's time is up, with its limit.
    pub(crate) wall: Option<(Instant, Limit)>,
    /// The limit that was reached and whose way out is being taken.
    pub(crate) exhausted: Option<Limit>,
    /// Of a nested graph.
    pub(crate) place: Option<Place>,
    /// What the tasks of a stopped step wrote that lives for one step: what comes behind the step
    /// sees it.
    pub(crate) late: Vec<S::Update>,
    /// What the tasks of a stopped step wrote that have returned: those that go on may not write it.
    pub(crate) claims: Vec<(Arc<str>, Writes)>,
    /// What graphs had that were stopped with the step.
    pub(crate) shown: Vec<S::Update>,
    /// Since when joins wait, counted from the first of their nodes.
    pub(crate) since: Vec<(usize, Instant)>,
    /// Memory for the texts of steps, used again.
    pub(crate) scratch: Vec<u8>,
}

impl<S: State> Driver<S> {
    /// Runs to the end. The state is then in `self`.
    pub(crate) async fn drive(&mut self) -> Result<End, GraphError> {
        self.leave_as_before()?;
        loop {
            if self.frontier.is_empty() {
                return Ok(self.exhausted.map_or(End::Done, End::Left));
            }
            if self.run.cancel.is_cancelled() {
                return Ok(End::Cancelled);
            }
            if self.is_drained() {
                return Ok(End::Drained);
            }
            if self.steps_left == 0 {
                return Err(GraphError::StepLimit { limit: self.step_limit });
            }
            self.steps_left -= 1;
            self.step += 1;
            if let Some(end) = self.superstep().await? {
                return Ok(end);
            }
        }
    }

    /// One step; what it ends the run as, if it does.
    async fn superstep(&mut self) -> Result<Option<End>, GraphError> {
        let executed = self.execute().await?;
        let asks = executed.ended.iter().any(|ended| matches!(ended, Ended::Interrupted(_)));
        if asks && executed.stop.is_none() {
            // Nothing is merged: the siblings' results are noted, answers complete the step.
            self.step -= 1;
            return Ok(Some(End::Interrupted));
        }
        let stop = executed.stop;
        let merged = self.barrier(executed.ended, stop.is_some())?;
        if let Some(limit) = merged.out {
            self.exhausted = Some(limit);
            // The task may have been recalled: then nobody has left yet.
            self.run.meter.leave();
        }
        if let Some(parent) = merged.parent {
            return Ok(Some(End::Parent(parent)));
        }
        let source = if merged.again { Source::Cancelled } else { Source::Step };
        let shown = self.shown()?;
        let seq = self.commit(source, merged.body).await?;
        // Only where the run ends here.
        if let Some(shown) = shown {
            self.state = shown;
        }
        self.tell_all(merged.finished).await;
        self.tell(EventKind::StepCommitted(seq)).await;
        if self.run.sink.wants(Events::VALUES) {
            let encode = self.run.codec.map(|codec| codec.value);
            let values = EventKind::Values(Data::new(Arc::clone(&self.state), encode));
            self.tell(values).await;
        }
        Ok(stop)
    }

    /// The graph's own path: empty, or that of the node it runs in.
    fn here(&self) -> Arc<str> {
        // The empty one is shared, not made anew in each step.
        self.run.prefix.strip_suffix('/').map_or_else(Arc::default, Into::into)
    }

    async fn tell_all(&self, finished: Vec<barrier::Finish<S::Event>>) {
        for barrier::Finish { path, attempt, call, kinds } in finished {
            for kind in kinds {
                let (path, step) = (Arc::clone(&path), self.step);
                self.run.tell(Emitted { path, step, attempt, call, kind }).await;
            }
        }
    }

    /// Tells something of the graph itself.
    async fn tell(&self, kind: EventKind<S::Event>) {
        let emitted = Emitted { path: self.here(), step: self.step, attempt: 0, call: 0, kind };
        self.run.tell(emitted).await;
    }
}
