//! How one node is run.

use std::time::Duration;

use crate::{Budget, Cache, GraphBuilder, Node, OnUnknown, Origin, Retry, State, Worker};

/// What is tuned of a node.
pub(crate) struct Tuning<S> {
    pub(crate) retry: Option<Retry>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) isolated: bool,
    pub(crate) on_error: Option<usize>,
    pub(crate) on_budget: Option<usize>,
    pub(crate) budget: Option<Budget>,
    pub(crate) cache: Option<Cache<S>>,
    pub(crate) concurrency: Option<usize>,
    pub(crate) on_unknown: OnUnknown,
    /// Names of fields that it is said to write.
    pub(crate) writes: Vec<&'static str>,
}

impl<S> Default for Tuning<S> {
    fn default() -> Self {
        Self {
            retry: None,
            timeout: None,
            idle_timeout: None,
            isolated: false,
            on_error: None,
            on_budget: None,
            budget: None,
            cache: None,
            concurrency: None,
            on_unknown: OnUnknown::default(),
            writes: Vec::new(),
        }
    }
}

/// Tunes a node. Made by [`GraphBuilder::tune`].
pub struct Tune<'a, S: State> {
    pub(crate) graph: &'a mut GraphBuilder<S>,
    /// `None` when the handle was another graph's, which `build` reports.
    pub(crate) node: Option<usize>,
}

impl<S: State> Tune<'_, S> {
    fn set(self, set: impl FnOnce(&mut Tuning<S>)) -> Self {
        if let Some(node) = self.node {
            set(&mut self.graph.nodes[node].tune);
        }
        self
    }

    /// Tries again after failures.
    pub fn retry(self, retry: Retry) -> Self {
        self.set(|tune| tune.retry = Some(retry))
    }

    /// Limits each attempt. The node then runs on a task of its own, so the limit holds even for a
    /// node that does not yield.
    pub fn timeout(self, limit: Duration) -> Self {
        self.set(|tune| tune.timeout = Some(limit))
    }

    /// Limits the time between two signs of life: tokens, events,
    /// [`Ctx::heartbeat`](crate::Ctx::heartbeat). The node then runs on a task of its own.
    pub fn idle_timeout(self, limit: Duration) -> Self {
        self.set(|tune| tune.idle_timeout = Some(limit))
    }

    /// Runs the node on a task of its own, beside its siblings and not between them: for nodes
    /// that compute.
    pub fn isolated(self) -> Self {
        self.set(|tune| tune.isolated = true)
    }

    /// When the node has failed for good, sends `handler` a [`Failure`](crate::Failure) instead of
    /// failing the run. What the node said does not count; its edges are not followed.
    pub fn on_error(self, handler: Worker<S, crate::Failure>) -> Self {
        let handler = self.graph.own(handler.node);
        self.set(|tune| tune.on_error = handler)
    }

    /// When a budget is used up in the node, goes to `node` instead of ending the run. What is used
    /// from there on is counted and not refused; the run ends as
    /// [`Outcome::Exhausted`](crate::Outcome::Exhausted).
    pub fn on_budget(self, node: Node<S>) -> Self {
        let node = self.graph.own(node);
        self.set(|tune| tune.on_budget = node)
    }

    /// Limits what one call of the node may use up, with all its attempts and in whatever way it goes
    /// on in a thread, beside the run's budget. Its time is limited by [`Self::timeout`], not here.
    pub fn budget(self, budget: Budget) -> Self {
        self.set(|tune| tune.budget = Some(budget))
    }

    /// Keeps what the node returned.
    pub fn cache(self, cache: Cache<S>) -> Self {
        self.set(|tune| tune.cache = Some(cache))
    }

    /// At most so many of a worker's calls run at once.
    pub fn concurrency(self, calls: usize) -> Self {
        self.set(|tune| tune.concurrency = Some(calls.max(1)))
    }

    /// Says which fields of the state the node writes, by their names, so that `build` can warn of
    /// two nodes that would write one field in the same step. Nodes that say nothing are not looked
    /// at; tests see what was in fact written.
    pub fn writes(self, fields: impl IntoIterator<Item = &'static str>) -> Self {
        self.set(|tune| tune.writes.extend(fields))
    }

    /// What happens to effects of which it is not known whether they happened.
    pub fn on_unknown(self, policy: OnUnknown) -> Self {
        self.set(|tune| tune.on_unknown = policy)
    }
}

impl<S: State> GraphBuilder<S> {
    /// Tunes a node or worker. A lane itself has only ways out, [`Tune::on_error`] and
    /// [`Tune::on_budget`]; its nodes have the rest.
    pub fn tune(&mut self, node: impl Into<Origin<S>>) -> Tune<'_, S> {
        let node = self.own(node.into().0);
        Tune { graph: self, node }
    }
}
