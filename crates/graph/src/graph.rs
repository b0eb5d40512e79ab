//! A checked graph: compiled once, shared by all its runs.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::policy::Cached;
use crate::reach::Reach;
use crate::tune::Tuning;
use crate::view::Topology;
use crate::worker::Parcel;
use crate::{Ctx, JoinPolicy, NodeError, RunBuilder, State, Step, Warning};

pub(crate) type NodeFuture<S> = BoxFuture<'static, Result<Step<S>, NodeError>>;

/// A node's work; workers get their payload.
pub(crate) type NodeFn<S> =
    Arc<dyn Fn(Ctx<S>, Option<Arc<dyn Parcel>>) -> NodeFuture<S> + Send + Sync>;

/// Reads a worker's stored payload.
pub(crate) type DecodeParcel = fn(&str) -> serde_json::Result<Arc<dyn Parcel>>;

/// Where a choice leads; `None` is the end. An unlisted choice is its name.
pub(crate) type Pick<S> = Box<dyn Fn(&S) -> Result<Arc<[Option<usize>]>, String> + Send + Sync>;

/// A node as it was added.
pub(crate) struct NodeSpec<S: State> {
    pub(crate) name: &'static str,
    /// The name, to be shared.
    pub(crate) path: Arc<str>,
    pub(crate) work: Work<S>,
    pub(crate) exits: Vec<Exit<S>>,
    /// Nodes it may go to by itself.
    pub(crate) goes: Vec<usize>,
    /// Workers it may send to.
    pub(crate) sends: Vec<usize>,
    pub(crate) tune: Tuning<S>,
    pub(crate) cache: Option<Cached<S>>,
    /// Whether it waits for all branches that can reach it, and for how long.
    pub(crate) join: Option<JoinPolicy>,
    /// The nodes whose edges it joins.
    pub(crate) joins: Vec<usize>,
}

pub(crate) enum Work<S: State> {
    Node(NodeFn<S>),
    Worker {
        run: NodeFn<S>,
        decode: DecodeParcel,
        payload: String,
    },
    Lane(Vec<usize>),
    Subgraph {
        run: NodeFn<S>,
        /// How a payload is read, and its type, of one that runs on payloads.
        takes: Option<(DecodeParcel, String)>,
        inner: Topology,
        persistent: bool,
    },
}

impl<S: State> Work<S> {
    /// How a payload is read, of what runs on one.
    pub(crate) const fn decode(&self) -> Option<DecodeParcel> {
        match self {
            Self::Worker { decode, .. } => Some(*decode),
            Self::Subgraph { takes: Some((decode, _)), .. } => Some(*decode),
            Self::Node(_) | Self::Lane(_) | Self::Subgraph { takes: None, .. } => None,
        }
    }
}

pub(crate) enum Exit<S> {
    Edge(Option<usize>),
    Route { pick: Pick<S>, table: Vec<(String, Vec<Option<usize>>)> },
}

impl<S: State> NodeSpec<S> {
    /// Every place the node can lead to, by whatever way.
    pub(crate) fn targets(&self) -> Vec<Option<usize>> {
        let mut targets = Vec::new();
        for exit in &self.exits {
            match exit {
                Exit::Edge(target) => targets.push(*target),
                Exit::Route { table, .. } => {
                    targets.extend(table.iter().flat_map(|(_, targets)| targets));
                }
            }
        }
        let others = self.goes.iter().chain(&self.sends);
        let ways_out = [self.tune.on_error, self.tune.on_budget];
        targets.extend(others.copied().chain(ways_out.into_iter().flatten()).map(Some));
        targets
    }

    /// The nodes that it can lead to, by whatever way.
    fn successors(&self) -> Vec<usize> {
        self.targets().into_iter().flatten().collect()
    }

    pub(crate) fn has_routes(&self) -> bool {
        self.exits.iter().any(|exit| matches!(exit, Exit::Route { .. }))
    }
}

/// For each node those that it can lead to.
pub(crate) fn successors<S: State>(nodes: &[NodeSpec<S>]) -> Vec<Vec<usize>> {
    nodes.iter().map(NodeSpec::successors).collect()
}

pub(crate) struct Compiled<S: State> {
    pub(crate) builder: u64,
    pub(crate) name: &'static str,
    pub(crate) nodes: Vec<NodeSpec<S>>,
    pub(crate) entries: Vec<usize>,
    /// How many steps a run may take, where the graph says so.
    pub(crate) step_limit: Option<u32>,
    /// Warnings are errors.
    pub(crate) strict: bool,
    pub(crate) warnings: Vec<Warning>,
    /// Each node's place in the order of names.
    pub(crate) ranks: Vec<u32>,
    pub(crate) reach: Reach,
    /// The same without the edges that close a cycle.
    pub(crate) onward: Reach,
    /// Nodes that are joins.
    pub(crate) joins: Vec<usize>,
}

impl<S: State> Compiled<S> {
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.name == name)
    }
}

/// A graph that can run. Cheap to clone; all clones are the same graph.
pub struct Graph<S: State>(pub(crate) Arc<Compiled<S>>);

impl<S: State> Graph<S> {
    /// Prepares a run on `input`: on a new thread (or none) it enters the default state, on a
    /// thread that exists the state as it was left.
    pub fn run(&self, input: S::Update) -> RunBuilder<S>
    where
        S: Default,
    {
        RunBuilder::new(self.clone(), crate::run::Begin::Update { input, fresh: S::default })
    }

    /// Prepares a run from `state`. On a thread that exists the state replaces what was left.
    pub fn run_from(&self, state: S) -> RunBuilder<S> {
        RunBuilder::new(self.clone(), crate::run::Begin::State(state))
    }

    /// Prepares a run that goes on where a thread was left: after an interruption, a cancellation,
    /// a crash. Needs [`RunBuilder::thread`].
    pub fn resume(&self) -> RunBuilder<S> {
        RunBuilder::new(self.clone(), crate::run::Begin::Resume)
    }

    /// The graph's name.
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// What is probably a mistake in the wiring. Empty in a graph that is
    /// [`strict`](crate::GraphBuilder::strict).
    pub fn warnings(&self) -> &[Warning] {
        &self.0.warnings
    }

    /// The graph's shape, to look at and to compare.
    pub fn topology(&self) -> Topology {
        crate::view::shape(&self.0)
    }

    /// The graph as a Mermaid flow chart.
    pub fn mermaid(&self) -> String {
        self.topology().mermaid()
    }
}

impl<S: State> Clone for Graph<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: State> fmt::Debug for Graph<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nodes: Vec<_> = self.0.nodes.iter().map(|node| node.name).collect();
        f.debug_struct("Graph").field("name", &self.0.name).field("nodes", &nodes).finish()
    }
}
