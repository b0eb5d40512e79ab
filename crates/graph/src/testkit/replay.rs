//! A recorded thread, gone through again with what its nodes returned: do the graph and its
//! reducers of today lead where they led?

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::graph::log;
use crate::codec::{Body, Codec, Sent, Written, body, rebuild};
use crate::driver::{by_itself, follow};
use crate::frontier::{Due, Frontier, Leads, opened};
use crate::graph::{Compiled, Work};
use crate::store::{Checkpoint, Seq, Source, Store};
use crate::{Durable, Failure, Graph, GraphError, Node, Send, Step, ThreadId};

/// What came of a replay.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// How many checkpoints were gone through.
    pub checkpoints: usize,
    /// The first that the graph would not have made.
    pub divergence: Option<Divergence>,
}

/// Where a replay leads elsewhere than the recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Divergence {
    /// The checkpoint.
    pub seq: Seq,
    /// What was compared: `due nodes`, `waiting joins`, `state`, or `step` where what was recorded
    /// cannot be done at all.
    pub what: &'static str,
    /// What is recorded.
    pub expected: String,
    /// What the replay leads to.
    pub found: String,
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seq, what, expected, found } = self;
        write!(f, "checkpoint {seq}, {what}: recorded {expected}, replayed {found}")
    }
}

impl Replayed {
    /// Asserts that the replay led where the recording did.
    ///
    /// # Panics
    /// When it did not.
    pub fn no_divergence(&self) -> &Self {
        if let Some(divergence) = &self.divergence {
            panic!("the replay diverges: {divergence}");
        }
        self
    }
}

/// Goes through a recorded thread again: routes, joins and reducers are this graph's, what nodes
/// returned is what was recorded. No node runs. Compares what is due after each step, and the
/// state wherever the recording holds it whole.
///
/// Of what nodes sent to workers only that it may be sent is checked. What lies before the oldest
/// state that is still stored whole is not gone through.
///
/// # Panics
/// When the thread is not in the store or cannot be read.
pub async fn replay<S: Durable>(
    graph: &Graph<S>,
    store: &dyn Store,
    thread: impl Into<ThreadId>,
) -> Replayed {
    let thread = thread.into();
    let log = log(store, &thread).await;
    assert!(!log.is_empty(), "there is no thread `{thread}`");
    let mut reached: Vec<(Seq, Reached<S>)> = Vec::new();
    let mut checkpoints = 0;
    for checkpoint in &log {
        let before = reached.iter().find(|(seq, _)| Some(*seq) == checkpoint.parent);
        let before = before.map(|(_, reached)| reached.clone());
        let after = match before {
            Some(before) => before.replay(graph, &thread, checkpoint),
            None if checkpoint.snapshot.is_some() => Ok(Reached::begin(&thread, checkpoint)),
            None => continue,
        };
        checkpoints += 1;
        match after {
            Ok(after) => reached.push((checkpoint.seq, after)),
            Err(divergence) => return Replayed { checkpoints, divergence: Some(divergence) },
        }
    }
    Replayed { checkpoints, divergence: None }
}

/// Where the replay stands.
#[derive(Clone)]
struct Reached<S> {
    state: S,
    body: Arc<Body>,
}

fn readable<T>(read: Result<T, GraphError>) -> T {
    read.unwrap_or_else(|error| panic!("the recording cannot be read: {error}"))
}

impl<S: Durable> Reached<S> {
    /// From a checkpoint that holds the whole state.
    fn begin(thread: &ThreadId, checkpoint: &Checkpoint) -> Self {
        let line = std::slice::from_ref(checkpoint);
        Self {
            state: readable(rebuild(Codec::<S>::of(), thread, line)),
            body: Arc::new(readable(body::<S>(thread, checkpoint))),
        }
    }

    fn replay(
        mut self,
        graph: &Graph<S>,
        thread: &ThreadId,
        checkpoint: &Checkpoint,
    ) -> Result<Self, Divergence> {
        let recorded = readable(body::<S>(thread, checkpoint));
        let differs = |what, expected: &dyn fmt::Debug, found: &dyn fmt::Debug| Divergence {
            seq: checkpoint.seq,
            what,
            expected: format!("{expected:?}"),
            found: format!("{found:?}"),
        };
        let failed = |error: GraphError| Divergence {
            seq: checkpoint.seq,
            what: "step",
            expected: "a step".into(),
            found: error.to_string(),
        };
        let led = match checkpoint.source {
            Source::Step => Some(self.step(&graph.0, thread, &recorded).map_err(failed)?),
            Source::Input | Source::Update | Source::Fork | Source::Cancelled => None,
        };
        if checkpoint.snapshot.is_some() && checkpoint.source == Source::Input {
            // A state from outside: nothing leads to it.
            return Ok(Self::begin(thread, checkpoint));
        }
        if checkpoint.source == Source::Input
            && let Some(held) = &self.body.h
        {
            let shown = held.shown(Codec::<S>::of());
            self.apply(thread, checkpoint.seq, shown).map_err(failed)?;
        }
        if checkpoint.source.begins_step() {
            self.state.begin_step();
        }
        if checkpoint.source == Source::Step
            && let Some(held) = &self.body.h
        {
            let late = held.late(Codec::<S>::of());
            self.apply(thread, checkpoint.seq, late).map_err(failed)?;
        }
        for written in &recorded.w {
            let updates = written.updates(Codec::<S>::of(), recorded.v, checkpoint.source);
            self.apply(thread, checkpoint.seq, updates).map_err(failed)?;
        }
        let entries = || graph.0.entries.iter().map(|&entry| graph.0.nodes[entry].name.to_owned());
        let due: BTreeSet<String> = recorded.n.iter().cloned().collect();
        let (found, joins) = match &led {
            Some(led) => (led.names(&graph.0), Some(led.joins(&graph.0))),
            None if checkpoint.source == Source::Input => (entries().collect(), None),
            None => (recorded.n.clone(), None),
        };
        let found: BTreeSet<String> = found.into_iter().collect();
        if due != found {
            return Err(differs("due nodes", &due, &found));
        }
        if let Some(joins) = joins
            && joins.iter().collect::<BTreeSet<_>>() != recorded.j.iter().collect()
        {
            return Err(differs("waiting joins", &recorded.j, &joins));
        }
        if checkpoint.snapshot.is_some() {
            let whole = Self::begin(thread, checkpoint);
            let (expected, found) = (json(&whole.state), json(&self.state));
            if expected != found {
                return Err(differs("state", &expected, &found));
            }
        }
        self.body = Arc::new(recorded);
        Ok(self)
    }

    /// Where the step that follows leads, by what its tasks are recorded to have returned.
    fn step(
        &self,
        graph: &Compiled<S>,
        thread: &ThreadId,
        after: &Body,
    ) -> Result<Frontier, GraphError> {
        let before = Frontier::read(graph, thread, "", &self.body)?;
        let mut leads = Leads::behind(&before);
        let mut sends = after.s.iter().peekable();
        // What was held back comes first. Where a join drops it, it drops all of a worker's.
        for held in self.body.h.iter().flat_map(|held| &held.s) {
            let _gone = sends.next_if(|sent| sent.w == held.w);
        }
        let mut lapsed: Vec<usize> = Vec::new();
        for due in &before.due {
            let written = after.w.iter().find(|written| written.p == *due.path);
            if written.is_some_and(|written| written.partial) {
                // Dropped by a join that did not wait for it.
                lapsed.extend(graph.joins.iter().filter(|&&join| goes_on(graph, due.node, join)));
                continue;
            }
            let diverted = written.is_some_and(|written| written.diverted);
            if !diverted {
                let own = self.own(thread, after.v, written)?;
                follow(graph, due, &own, &mut leads)?;
            }
            let mut step = Step::new();
            for name in written.iter().flat_map(|written| &written.g) {
                let node = find(graph, thread, name)?;
                step.goto.push(Node::new(graph.builder, node, graph.nodes[node].name));
            }
            while let Some(sent) = sends.next_if(|sent| may_send(graph, due, diverted, sent)) {
                step.sends.push(send(graph, thread, sent)?);
            }
            by_itself(graph, due, step, diverted, &mut leads)?;
        }
        if let Some(sent) = sends.next() {
            let target = format!("worker `{}`", sent.w);
            return Err(GraphError::Undeclared { path: "".into(), target });
        }
        // A join may go on although nothing was there in time: the recording says whether it did.
        for join in lapsed {
            let name = graph.nodes[join].name;
            let recorded = after.n.iter().any(|due| due == name)
                || after.j.iter().any(|(waiting, _)| waiting == name);
            if recorded && leads.waiting.iter().all(|(waiting, _)| *waiting != join) {
                leads.waiting.push((join, 0));
            }
        }
        Ok(leads.settle(graph, ""))
    }

    /// What the routes of a task see: the state before the step with its own writes.
    fn own(&self, thread: &ThreadId, v: u32, written: Option<&Written>) -> Result<S, GraphError> {
        let mut own = Self { state: self.state.clone(), body: Arc::clone(&self.body) };
        own.state.begin_step();
        if let Some(written) = written {
            own.apply(thread, 0, written.updates(Codec::<S>::of(), v, Source::Step))?;
        }
        Ok(own.state)
    }

    fn apply(
        &mut self,
        thread: &ThreadId,
        seq: Seq,
        updates: Result<Vec<S::Update>, String>,
    ) -> Result<(), GraphError> {
        let bad = |reason: String| crate::codec::corrupt(thread, seq, reason);
        for update in updates.map_err(bad)? {
            self.state.apply(update).map_err(|error| bad(error.to_string()))?;
        }
        Ok(())
    }
}

/// Whether the join goes on without a branch that is at `node`.
fn goes_on<S: Durable>(graph: &Compiled<S>, node: usize, join: usize) -> bool {
    let policy = graph.nodes[join].join;
    policy.is_some_and(|policy| policy.proceed) && graph.reach.has(node, join)
}

/// Whether the task can have sent this: a failure only of its own.
fn may_send<S: Durable>(graph: &Compiled<S>, due: &Due, diverted: bool, sent: &Sent) -> bool {
    let spec = &graph.nodes[due.node];
    let declared = spec.sends.iter().any(|&worker| graph.nodes[worker].name == sent.w);
    // A lane may have sent before a node in it failed.
    if !diverted || declared && matches!(spec.work, Work::Lane(_)) {
        return declared;
    }
    let failure: Result<Failure, _> = serde_json::from_str(sent.p.get());
    // A node in a lane fails under the lane's path.
    failure.is_ok_and(|failure| {
        failure
            .path
            .strip_prefix(&*due.path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

fn send<S: Durable>(
    graph: &Compiled<S>,
    thread: &ThreadId,
    sent: &Sent,
) -> Result<Send<S>, GraphError> {
    let (worker, payload) = opened(graph, find(graph, thread, &sent.w)?, sent)?;
    Ok(Send {
        builder: graph.builder,
        worker,
        name: graph.nodes[worker].name,
        payload,
        timeout: sent.t.map(std::time::Duration::from_millis),
        state: std::marker::PhantomData,
    })
}

fn find<S: Durable>(
    graph: &Compiled<S>,
    thread: &ThreadId,
    name: &str,
) -> Result<usize, GraphError> {
    let unknown = || GraphError::UnknownNode { thread: thread.clone(), node: name.to_owned() };
    graph.find(name).ok_or_else(unknown)
}

fn json<S: Durable>(state: &S) -> Value {
    serde_json::to_value(state).expect("the state has a JSON form")
}
