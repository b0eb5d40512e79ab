//! What a node may return beside an update: where to go next, and what to send to workers.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use crate::worker::Parcel;
use crate::{Node, Payload, State, Worker, Writes};

/// What a node returns. An update alone converts into it.
///
/// ```ignore
/// Ok(Step::update(update).goto(review).send(fetch, url))
/// ```
pub struct Step<S: State> {
    pub(crate) updates: Vec<S::Update>,
    pub(crate) goto: Vec<Node<S>>,
    pub(crate) sends: Vec<Send<S>>,
    pub(crate) parent: Option<Arc<dyn Any + std::marker::Send + Sync>>,
    /// The states in which persistent subgraphs are left, as JSON, by node.
    pub(crate) children: Vec<(String, Arc<str>)>,
    /// The limit whose way out was taken in the node's own graph, which has gone on to its end.
    pub(crate) out: Option<crate::Limit>,
    /// What a graph had that was stopped in a thread: it goes on with that, and brings it then.
    pub(crate) shown: Vec<S::Update>,
    /// What was written in an earlier life of the step, and is merged already.
    pub(crate) claimed: Writes,
}

impl<S: State> Step<S> {
    /// A step that changes nothing.
    pub fn new() -> Self {
        Self {
            updates: Vec::new(),
            goto: Vec::new(),
            sends: Vec::new(),
            parent: None,
            children: Vec::new(),
            out: None,
            shown: Vec::new(),
            claimed: Writes::default(),
        }
    }

    /// A step with an update.
    pub fn update(update: S::Update) -> Self {
        Self { updates: vec![update], ..Self::new() }
    }

    /// Adds an update; several are merged in this order.
    #[must_use]
    pub fn and(mut self, update: S::Update) -> Self {
        self.updates.push(update);
        self
    }

    /// Goes to a node, beside what the edges say. The graph must know of it: see
    /// [`GraphBuilder::goes`](crate::GraphBuilder::goes).
    #[must_use]
    pub fn goto(mut self, node: Node<S>) -> Self {
        self.goto.push(node);
        self
    }

    /// Lets a worker run on `payload` in the next step. The graph must know of it: see
    /// [`GraphBuilder::sends`](crate::GraphBuilder::sends).
    #[must_use]
    pub fn send<P: Payload>(mut self, worker: Worker<S, P>, payload: P) -> Self {
        self.sends.push(Send::to(worker, payload));
        self
    }

    /// Adds sends.
    #[must_use]
    pub fn send_all(mut self, sends: impl IntoIterator<Item = Send<S>>) -> Self {
        self.sends.extend(sends);
        self
    }

    /// What a graph had counts now: it does not go on.
    pub(crate) fn settle(&mut self) {
        self.updates.append(&mut self.shown);
    }

    /// Ends the subgraph that the node is in and lets its node in the parent return `step`. What
    /// the subgraph's state holds then does not reach the parent.
    #[must_use]
    pub fn in_parent<P: State>(mut self, step: Step<P>) -> Self {
        self.parent = Some(Arc::new(step));
        self
    }
}

impl<S: State> Default for Step<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: State> Clone for Step<S> {
    fn clone(&self) -> Self {
        Self {
            updates: self.updates.clone(),
            goto: self.goto.clone(),
            sends: self.sends.clone(),
            parent: self.parent.clone(),
            children: self.children.clone(),
            out: self.out,
            shown: self.shown.clone(),
            claimed: self.claimed,
        }
    }
}

/// One call of a worker.
pub struct Send<S: State> {
    pub(crate) builder: u64,
    pub(crate) worker: usize,
    pub(crate) name: &'static str,
    pub(crate) payload: Arc<dyn Parcel>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) state: std::marker::PhantomData<fn() -> S>,
}

impl<S: State> Send<S> {
    /// Lets `worker` run on `payload`.
    pub fn to<P: Payload>(worker: Worker<S, P>, payload: P) -> Self {
        Self {
            builder: worker.node.builder,
            worker: worker.node.index,
            name: worker.node.name,
            payload: Arc::new(payload),
            timeout: None,
            state: std::marker::PhantomData,
        }
    }

    /// A limit for each attempt, instead of the worker's own.
    #[must_use]
    pub const fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }
}

impl<S: State> Clone for Send<S> {
    fn clone(&self) -> Self {
        Self {
            builder: self.builder,
            worker: self.worker,
            name: self.name,
            payload: Arc::clone(&self.payload),
            timeout: self.timeout,
            state: std::marker::PhantomData,
        }
    }
}
