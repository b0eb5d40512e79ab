//! What is due next: nodes, sends, and the joins that wait.

use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;

use crate::codec::Sent;
use crate::graph::Compiled;
use crate::journal::Unstored;
use crate::worker::Parcel;
use crate::{GraphError, State, ThreadId};

/// A task of the next step.
#[derive(Clone)]
pub(crate) struct Due {
    pub(crate) node: usize,
    pub(crate) path: Arc<str>,
    pub(crate) parcel: Option<Arc<dyn Parcel>>,
    /// The send's own limit.
    pub(crate) timeout: Option<Duration>,
}

/// A send on its way.
#[derive(Clone)]
pub(crate) struct Sending {
    pub(crate) node: usize,
    pub(crate) parcel: Arc<dyn Parcel>,
    pub(crate) timeout: Option<Duration>,
}

/// What a step leads to, as it is collected.
#[derive(Clone, Default)]
pub(crate) struct Leads {
    pub(crate) pulls: Vec<usize>,
    pub(crate) sends: Vec<Sending>,
    /// Joins that wait, and how many of the nodes that they join have arrived: none where others
    /// have led there.
    pub(crate) waiting: Vec<(usize, u32)>,
}

/// What is due next.
#[derive(Clone, Default)]
pub(crate) struct Frontier {
    /// Nodes by name, then sends by the order of sending.
    pub(crate) due: Vec<Due>,
    pub(crate) waiting: Vec<(usize, u32)>,
    /// Of a step that was stopped: what the tasks that had returned lead to. It is held back until
    /// those that were stopped, which are due, have returned too.
    pub(crate) held: Option<Box<Leads>>,
}

impl Leads {
    /// What is there already when the step of this frontier begins to lead somewhere.
    pub(crate) fn behind(frontier: &Frontier) -> Self {
        let waiting = frontier.waiting.clone();
        let held = frontier.held.as_deref().cloned().unwrap_or_default();
        Self { waiting, ..held }
    }

    /// The nodes, by name.
    pub(crate) fn names<S: State>(&self, graph: &Compiled<S>) -> Vec<String> {
        self.pulls.iter().map(|&node| graph.nodes[node].name.to_owned()).collect()
    }

    /// The sends, as they are stored.
    pub(crate) fn sent<S: State>(&self, graph: &Compiled<S>) -> Result<Vec<Sent>, Unstored> {
        let sends = self.sends.iter();
        sends.map(|send| sent(graph, send.node, &send.parcel, send.timeout)).collect()
    }

    fn is_empty(&self) -> bool {
        self.pulls.is_empty() && self.sends.is_empty()
    }

    /// Goes to a node; a join waits from then on.
    pub(crate) fn pull<S: State>(&mut self, graph: &Compiled<S>, node: usize) {
        match graph.nodes[node].join {
            None => self.pulls.push(node),
            Some(_) => self.arrive(node, 0),
        }
    }

    /// So many of the nodes that a join joins have arrived there.
    pub(crate) fn arrive(&mut self, join: usize, more: u32) {
        match self.waiting.iter_mut().find(|(waiting, _)| *waiting == join) {
            Some((_, arrived)) => *arrived += more,
            None => self.waiting.push((join, more)),
        }
    }

    /// Decides which joins begin and puts all in order.
    pub(crate) fn settle<S: State>(mut self, graph: &Compiled<S>, prefix: &str) -> Frontier {
        self.drop_late(graph);
        let mut live = std::mem::take(&mut self.pulls);
        live.sort_unstable_by_key(|&node| graph.ranks[node]);
        live.dedup();
        let ready = self.ready(graph, &live);
        self.waiting.retain(|(join, _)| !ready.contains(join));
        live.extend(ready);
        live.sort_unstable_by_key(|&node| graph.ranks[node]);
        // What waits may have been a join in an older graph.
        live.dedup();
        let mut due: Vec<Due> = live
            .into_iter()
            .map(|node| Due {
                node,
                path: path(prefix, &graph.nodes[node].path, None),
                parcel: None,
                timeout: None,
            })
            .collect();
        let mut counts: Vec<(usize, usize)> = Vec::new();
        for Sending { node, parcel, timeout } in self.sends {
            let place = match counts.iter_mut().find(|(worker, _)| *worker == node) {
                Some((_, count)) => {
                    *count += 1;
                    *count
                }
                None => {
                    counts.push((node, 0));
                    0
                }
            };
            let path = path(prefix, &graph.nodes[node].path, Some(place));
            due.push(Due { node, path, parcel: Some(parcel), timeout });
        }
        Frontier { due, waiting: self.waiting, held: None }
    }

    /// The step was stopped: `again` is due once more, and all else is held back for it. No join
    /// begins either: what has arrived waits.
    pub(crate) fn hold<S: State>(
        mut self,
        again: Self,
        graph: &Compiled<S>,
        prefix: &str,
    ) -> Frontier {
        self.drop_late(graph);
        self.pulls.sort_unstable_by_key(|&node| graph.ranks[node]);
        self.pulls.dedup();
        let waiting = std::mem::take(&mut self.waiting);
        let held = (!self.is_empty()).then(|| Box::new(self));
        Frontier { waiting, held, ..again.settle(graph, prefix) }
    }

    /// Drops what leads to a join that has as many arrivals as it asks for: nodes, sends, and joins
    /// that wait before it.
    fn drop_late<S: State>(&mut self, graph: &Compiled<S>) {
        let (mut pulls, mut sends) =
            (std::mem::take(&mut self.pulls), std::mem::take(&mut self.sends));
        pulls.retain(|&node| !self.is_late(graph, node));
        sends.retain(|send| !self.is_late(graph, send.node));
        (self.pulls, self.sends) = (pulls, sends);
        let met: Vec<usize> =
            self.waiting.iter().filter(|&&it| is_met(graph, it)).map(|it| it.0).collect();
        self.waiting.retain(|&(join, _)| !met.iter().any(|&met| is_before(graph, join, met)));
    }

    /// Whether the node leads to a join that has as many arrivals as it asks for.
    fn is_late<S: State>(&self, graph: &Compiled<S>, node: usize) -> bool {
        let mut waiting = self.waiting.iter();
        waiting.any(|&waiting| is_met(graph, waiting) && graph.reach.has(node, waiting.0))
    }

    /// The joins that nothing under way can lead to any more. A join that waits counts as under
    /// way for the others. Of two in a cycle the one behind waits for the one before; where neither
    /// is before the other they begin together.
    fn ready<S: State>(&self, graph: &Compiled<S>, live: &[usize]) -> Vec<usize> {
        let sent = || self.sends.iter().map(|send| send.node);
        let ready = self.waiting.iter().map(|(join, _)| *join).filter(|&join| {
            let coming = live.iter().copied().chain(sent()).any(|node| graph.reach.has(node, join));
            let held_by = |&(other, _): &(usize, u32)| is_before(graph, other, join);
            !coming && !self.waiting.iter().any(held_by)
        });
        ready.collect()
    }
}

/// Whether a join has as many arrivals as it asks for.
fn is_met<S: State>(graph: &Compiled<S>, (join, arrived): (usize, u32)) -> bool {
    let quorum = graph.nodes[join].join.and_then(|policy| policy.quorum);
    quorum.is_some_and(|quorum| arrived >= quorum)
}

/// Whether a join that waits leads to another; of two in a cycle, whether it is the one before.
fn is_before<S: State>(graph: &Compiled<S>, join: usize, other: usize) -> bool {
    let mutual = graph.reach.has(other, join);
    join != other
        && graph.reach.has(join, other)
        && (!mutual || graph.onward.has(join, other) && !graph.onward.has(other, join))
}

fn path(prefix: &str, name: &Arc<str>, place: Option<usize>) -> Arc<str> {
    match place {
        None if prefix.is_empty() => Arc::clone(name),
        None => format!("{prefix}{name}").into(),
        Some(place) => format!("{prefix}{name}[{place}]").into(),
    }
}

impl Frontier {
    /// What is due first.
    pub(crate) fn entries<S: State>(graph: &Compiled<S>, prefix: &str) -> Self {
        let mut leads = Leads::default();
        graph.entries.iter().for_each(|&entry| leads.pull(graph, entry));
        leads.settle(graph, prefix)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.due.is_empty()
    }

    /// The nodes that are due.
    pub(crate) fn pulls<S: State>(
        &self,
        graph: &Compiled<S>,
    ) -> impl Iterator<Item = &'static str> {
        let pulls = self.due.iter().filter(|due| due.parcel.is_none());
        pulls.map(|due| graph.nodes[due.node].name)
    }

    /// The joins that wait, and how many have arrived.
    pub(crate) fn arrivals<S: State>(
        &self,
        graph: &Compiled<S>,
    ) -> impl Iterator<Item = (&'static str, u32)> {
        self.waiting.iter().map(|&(join, arrived)| (graph.nodes[join].name, arrived))
    }

    /// The nodes that are due, by name.
    pub(crate) fn names<S: State>(&self, graph: &Compiled<S>) -> Vec<String> {
        self.pulls(graph).map(str::to_owned).collect()
    }

    /// The joins that wait, by name.
    pub(crate) fn joins<S: State>(&self, graph: &Compiled<S>) -> Vec<(String, u32)> {
        self.arrivals(graph).map(|(join, arrived)| (join.to_owned(), arrived)).collect()
    }

    /// The sends that are due.
    pub(crate) fn sends<S: State>(&self, graph: &Compiled<S>) -> Result<Vec<Sent>, Unstored> {
        let encode = |due: &Due| Some(sent(graph, due.node, due.parcel.as_ref()?, due.timeout));
        self.due.iter().filter_map(encode).collect()
    }

    /// What a checkpoint says is due.
    pub(crate) fn read<S: State>(
        graph: &Compiled<S>,
        thread: &ThreadId,
        prefix: &str,
        body: &crate::codec::Body,
    ) -> Result<Self, GraphError> {
        let find = |name: &str| {
            graph.find(name).ok_or_else(|| GraphError::UnknownNode {
                thread: thread.clone(),
                node: name.to_owned(),
            })
        };
        let leads = |names: &[String], sends: &[Sent]| -> Result<Leads, GraphError> {
            let mut leads = Leads::default();
            for name in names {
                leads.pulls.push(find(name)?);
            }
            for sent in sends {
                let (node, parcel) = opened(graph, find(&sent.w)?, sent)?;
                let timeout = sent.t.map(Duration::from_millis);
                leads.sends.push(Sending { node, parcel, timeout });
            }
            Ok(leads)
        };
        let mut frontier = leads(&body.n, &body.s)?.settle(graph, prefix);
        for (name, arrived) in &body.j {
            frontier.waiting.push((find(name)?, *arrived));
        }
        if let Some(held) = &body.h {
            let held = leads(&held.n, &held.s)?;
            frontier.held = (!held.is_empty()).then(|| Box::new(held));
        }
        Ok(frontier)
    }
}

/// A send as it is stored.
pub(crate) fn sent<S: State>(
    graph: &Compiled<S>,
    node: usize,
    parcel: &Arc<dyn Parcel>,
    timeout: Option<Duration>,
) -> Result<Sent, Unstored> {
    let spec = &graph.nodes[node];
    let payload = parcel.encode().and_then(RawValue::from_string);
    let payload = payload.map_err(|error| Unstored::encode(&spec.path, error))?;
    let millis = timeout.map(|limit| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX));
    Ok(Sent { w: spec.name.to_owned(), p: payload, t: millis })
}

/// A stored send's payload, as its worker takes it.
pub(crate) fn opened<S: State>(
    graph: &Compiled<S>,
    node: usize,
    sent: &Sent,
) -> Result<(usize, Arc<dyn Parcel>), GraphError> {
    let spec = &graph.nodes[node];
    let bad = |reason: String| GraphError::Encode { path: Arc::clone(&spec.path), reason };
    let decode = spec.work.decode().ok_or_else(|| bad("it takes no payload".into()))?;
    let parcel = decode(sent.p.get()).map_err(|error| bad(error.to_string()))?;
    Ok((node, parcel))
}
