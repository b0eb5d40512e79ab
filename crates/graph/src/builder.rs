//! Wiring: nodes, edges and routes are collected, then checked all at once.

mod check;
mod together;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::FutureExt;

#[cfg(any(test, feature = "testkit"))]
pub(crate) use together::parallel_writers;

use crate::graph::{Compiled, Exit, NodeFn, NodeSpec, Work, successors};
use crate::reach::{self, Reach};
use crate::tune::Tuning;
use crate::{
    BuildError, Ctx, Graph, Issue, JoinPolicy, Node, NodeError, Origin, Origins, Payload, Route,
    State, Step, Targets, Worker, worker,
};

/// Tells the handles of different builders apart.
static NEXT_BUILDER: AtomicU64 = AtomicU64::new(1);

/// Collects the nodes and edges of a graph over `S`.
pub struct GraphBuilder<S: State> {
    pub(crate) id: u64,
    name: &'static str,
    pub(crate) nodes: Vec<NodeSpec<S>>,
    entries: Vec<usize>,
    step_limit: Option<u32>,
    strict: bool,
    /// Found while wiring; the rest is found by looking at the whole.
    issues: Vec<Issue>,
}

impl<S: State> GraphBuilder<S> {
    /// An empty graph. The name appears in errors, traces and pictures.
    pub fn new(name: &'static str) -> Self {
        Self {
            id: NEXT_BUILDER.fetch_add(1, Ordering::Relaxed),
            name,
            nodes: Vec::new(),
            entries: Vec::new(),
            step_limit: None,
            strict: false,
            issues: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, name: &'static str, work: Work<S>) -> Node<S> {
        self.nodes.push(NodeSpec {
            name,
            path: name.into(),
            work,
            exits: Vec::new(),
            goes: Vec::new(),
            sends: Vec::new(),
            tune: Tuning::default(),
            cache: None,
            join: None,
            joins: Vec::new(),
        });
        Node::new(self.id, self.nodes.len() - 1, name)
    }

    /// Adds a node: an async function over an owned [`Ctx`] that returns an update of the state, or
    /// a [`Step`]. Its name is its identity in stored threads, events, errors and the order of
    /// updates; it must be unique in the graph.
    ///
    /// The due nodes of a run are polled on the run's one task, unless
    /// [`isolated`](crate::Tune::isolated) or limited in time.
    pub fn node<F, Fut, O>(&mut self, name: &'static str, run: F) -> Node<S>
    where
        F: Fn(Ctx<S>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<O, NodeError>> + Send + 'static,
        O: Into<Step<S>>,
    {
        let run: NodeFn<S> = Arc::new(move |ctx, _| {
            let work = run(ctx);
            async move { work.await.map(Into::into) }.boxed()
        });
        self.add(name, Work::Node(run))
    }

    /// Adds a worker: a node that runs once for each payload that is sent to it, as often at once
    /// as it is sent. Say with [`sends`](Self::sends) who sends to it.
    pub fn worker<P, F, Fut, O>(&mut self, name: &'static str, run: F) -> Worker<S, P>
    where
        P: Payload,
        F: Fn(Ctx<S>, P) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<O, NodeError>> + Send + 'static,
        O: Into<Step<S>>,
    {
        let run: NodeFn<S> = Arc::new(move |ctx, parcel| match worker::open::<P>(parcel) {
            Ok(payload) => {
                let work = run(ctx, payload);
                async move { work.await.map(Into::into) }.boxed()
            }
            Err(error) => std::future::ready(Err(error)).boxed(),
        });
        let work =
            Work::Worker { run, decode: worker::decode::<P>, payload: worker::type_name::<P>() };
        Worker::new(self.add(name, work))
    }

    /// Adds a lane: the nodes run one after the other as one task of the step, each on what the one
    /// before left, so that none of them waits for the other branches. The other branches see what
    /// they wrote when the step is over. Each node that has finished is stored by itself.
    ///
    /// The nodes are the lane's: they have no edges of their own.
    pub fn lane(
        &mut self,
        name: &'static str,
        nodes: impl IntoIterator<Item = Node<S>>,
    ) -> Node<S> {
        let nodes = nodes.into_iter().filter_map(|node| self.own(node)).collect();
        self.add(name, Work::Lane(nodes))
    }

    /// Names a node that is due in the first step. May be called for several nodes.
    pub fn start(&mut self, node: Node<S>) -> &mut Self {
        if let Some(node) = self.own(node) {
            self.entries.push(node);
        }
        self
    }

    /// After `from`, go to `to`: a node, several at once, or [`END`](crate::END). Several edges out
    /// of one node are all followed; several edges into one node within a step run it once.
    pub fn edge(&mut self, from: impl Into<Origin<S>>, to: impl Into<Targets<S>>) -> &mut Self {
        let targets = self.targets(to.into());
        if let Some(from) = self.own(from.into().0) {
            self.nodes[from].exits.extend(targets.into_iter().map(Exit::Edge));
        }
        self
    }

    /// After `from`, ask `pick` for a choice and go where `to` maps it.
    ///
    /// `pick` sees the state as it was before the step, with what `from` itself wrote and nothing
    /// of its siblings; only what those had written before their step was stopped is there already.
    /// `to` is called here, once for each of [`Route::ALL`].
    pub fn route<R: Route>(
        &mut self,
        from: impl Into<Origin<S>>,
        pick: impl Fn(&S) -> R + Send + Sync + 'static,
        to: impl Fn(R) -> Targets<S>,
    ) -> &mut Self {
        let from = from.into().0;
        if R::ALL.is_empty() {
            self.issues.push(Issue::EmptyRoute { node: from.name });
            return self;
        }
        let listed: Vec<(R, Arc<[Option<usize>]>)> =
            R::ALL.iter().map(|&choice| (choice, self.choice(to(choice)).into())).collect();
        let table =
            listed.iter().map(|(choice, to)| (format!("{choice:?}"), to.to_vec())).collect();
        let pick = move |state: &S| {
            let chosen = pick(state);
            let found = listed.iter().find(|(choice, _)| *choice == chosen);
            found.map(|(_, to)| Arc::clone(to)).ok_or_else(|| format!("{chosen:?}"))
        };
        if let Some(from) = self.own(from) {
            self.nodes[from].exits.push(Exit::Route { pick: Box::new(pick), table });
        }
        self
    }

    /// Declares that `from` may go to the nodes `to` by itself: see [`Step::goto`].
    pub fn goes(&mut self, from: impl Into<Origin<S>>, to: impl Into<Targets<S>>) -> &mut Self {
        let targets = self.targets(to.into());
        if let Some(from) = self.own(from.into().0) {
            self.nodes[from].goes.extend(targets.into_iter().flatten());
        }
        self
    }

    /// Declares that `from` may send to `worker`: see [`Step::send`].
    pub fn sends<P>(&mut self, from: impl Into<Origin<S>>, worker: Worker<S, P>) -> &mut Self {
        let worker = self.own(worker.node);
        if let (Some(from), Some(worker)) = (self.own(from.into().0), worker) {
            self.nodes[from].sends.push(worker);
        }
        self
    }

    /// Edges from all of `from` to `to`, which waits for them: it runs once nothing that is still
    /// under way can lead to it any more. A branch that was routed elsewhere, ended or died is not
    /// waited for; if none arrives, `to` does not run.
    pub fn join(
        &mut self,
        from: impl Into<Origins<S>>,
        to: Node<S>,
        policy: JoinPolicy,
    ) -> &mut Self {
        let Some(join) = self.own(to) else { return self };
        for node in from.into().0 {
            if let Some(node) = self.own(node)
                && !self.nodes[join].joins.contains(&node)
            {
                self.nodes[node].exits.push(Exit::Edge(Some(join)));
                self.nodes[join].joins.push(node);
            }
        }
        self.nodes[join].join = Some(policy);
        self
    }

    /// How many steps a run of this graph may take before it fails with
    /// [`GraphError::StepLimit`](crate::GraphError::StepLimit), unless the run says otherwise. As a
    /// subgraph it may take as many in each call, whatever the run says.
    pub fn step_limit(&mut self, steps: u32) -> &mut Self {
        self.step_limit = Some(steps);
        self
    }

    /// Takes every [`Warning`](crate::Warning) for a mistake: `build` refuses what it knows of, and a node that does
    /// what only a run can show fails.
    pub fn strict(&mut self) -> &mut Self {
        self.strict = true;
        self
    }

    /// Checks the whole and makes it runnable.
    ///
    /// # Errors
    /// [`BuildError`] with every [`Issue`] found.
    pub fn build(mut self) -> Result<Graph<S>, BuildError> {
        let mut issues = std::mem::take(&mut self.issues);
        issues.extend(check::issues(&self.nodes, &self.entries));
        let mut warnings = check::warnings(&self.nodes, &self.entries, self.step_limit);
        if self.strict {
            issues.extend(warnings.drain(..).map(Issue::Warned));
        }
        if !issues.is_empty() {
            return Err(BuildError { graph: self.name, issues });
        }
        let successors = successors(&self.nodes);
        let onward = reach::onward(&successors, &self.entries);
        let mut by_name: Vec<usize> = (0..self.nodes.len()).collect();
        by_name.sort_unstable_by_key(|&node| self.nodes[node].name);
        let mut ranks = vec![0; self.nodes.len()];
        for (rank, node) in (0..).zip(by_name) {
            ranks[node] = rank;
        }
        for node in &mut self.nodes {
            node.cache = node.tune.cache.take().map(crate::Cache::open);
        }
        Ok(Graph(Arc::new(Compiled {
            builder: self.id,
            name: self.name,
            joins: (0..self.nodes.len()).filter(|&n| self.nodes[n].join.is_some()).collect(),
            nodes: self.nodes,
            entries: self.entries,
            step_limit: self.step_limit,
            strict: self.strict,
            warnings,
            ranks,
            reach: Reach::new(&successors),
            onward: Reach::new(&onward),
        })))
    }

    /// The node's index, if the handle is ours.
    pub(crate) fn own(&mut self, node: Node<S>) -> Option<usize> {
        if node.builder == self.id {
            return Some(node.index);
        }
        let issue = Issue::ForeignHandle { name: node.name };
        if !self.issues.contains(&issue) {
            self.issues.push(issue);
        }
        None
    }

    /// Where a choice leads; nowhere is the end.
    fn choice(&mut self, targets: Targets<S>) -> Vec<Option<usize>> {
        if targets.0.is_empty() { vec![None] } else { self.targets(targets) }
    }

    /// The indices of targets whose handles are ours; `None` is the end.
    fn targets(&mut self, targets: Targets<S>) -> Vec<Option<usize>> {
        targets
            .0
            .into_iter()
            .filter_map(|target| match target {
                Some(node) => self.own(node).map(Some),
                None => Some(None),
            })
            .collect()
    }
}
