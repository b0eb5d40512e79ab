//! Whether runs in flight survive a change of their graph.

use std::fmt;

use super::compare::same_graph;
use super::{Change, Diff};
use crate::view::label::visible;
use crate::view::topology::{NodeKind, NodeShape};

/// What a waiting thread is about to run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Waiting {
    /// The nodes that are due next, by name, then joins that wait, then what is due behind the nodes
    /// of a stopped step, then where those that have finished in a step that is under way go by
    /// themselves. For a thread that waits inside a subgraph or a lane, the node that runs it.
    pub nodes: Vec<String>,
    /// The workers of the queued sends, by name, in the same order.
    pub workers: Vec<String>,
    /// The version that its state was stored with.
    pub version: u32,
}

/// Whether a thread can go on with the newer graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It can.
    Safe,
    /// Its stored state is of another shape, and nothing says how to read it: raise
    /// [`State::VERSION`](crate::State::VERSION) and write a migration.
    NeedsMigration {
        /// The reasons, as sentences without a full stop.
        why: Vec<String>,
    },
    /// It cannot: what it is about to run is gone or is something else now, or its state was
    /// stored by a later version.
    Breaking {
        /// The reasons, as sentences without a full stop.
        why: Vec<String>,
    },
}

impl Diff {
    /// Whether a thread that waits like this can go on with the newer graph.
    ///
    /// Fields that were added, removed or changed need a migration, unless the state's version was
    /// raised, which declares one: stored states lack an added field, and stored updates are
    /// merged with the newer reducers. A persistent subgraph's state is stored with every thread,
    /// so its fields count wherever the thread waits. What is due inside a subgraph is not known,
    /// so there it may be anything.
    pub fn rate(&self, waiting: &Waiting) -> Verdict {
        let mut reasons = Reasons::default();
        self.rate_into(&mut reasons, waiting, "");
        reasons.verdict()
    }

    /// The verdict for threads that may wait anywhere in the older graph.
    pub fn worst(&self) -> Verdict {
        self.rate(&self.anywhere())
    }

    fn anywhere(&self) -> Waiting {
        let of = |wanted: bool| {
            let names = self.older_nodes.iter().filter(|(_, is_worker)| **is_worker == wanted);
            names.map(|(name, _)| name.clone()).collect()
        };
        Waiting { nodes: of(false), workers: of(true), version: self.older_version }
    }

    fn rate_into(&self, reasons: &mut Reasons, waiting: &Waiting, place: &str) {
        self.rate_state(reasons, waiting.version, place);
        for name in &waiting.nodes {
            self.rate_due(reasons, name, false, place);
        }
        for name in &waiting.workers {
            self.rate_due(reasons, name, true, place);
        }
        for inner in &self.subgraphs {
            let place = within(place, &inner.node);
            // One in a lane is where its lane is.
            let owner = inner.node.split_once('/').map_or(&*inner.node, |(lane, _)| lane);
            let is_due = |names: &[String]| names.iter().any(|name| name == owner);
            if is_due(&waiting.nodes) || is_due(&waiting.workers) {
                inner.diff.rate_into(reasons, &inner.diff.anywhere(), &place);
            } else if inner.persistent {
                inner.diff.rate_stored(reasons, &place);
            }
        }
    }

    /// Rates a persistent subgraph's state, while nothing in it is due.
    fn rate_stored(&self, reasons: &mut Reasons, place: &str) {
        self.rate_state(reasons, self.older_version, place);
        for inner in self.subgraphs.iter().filter(|inner| inner.persistent) {
            inner.diff.rate_stored(reasons, &within(place, &inner.node));
        }
    }

    fn rate_state(&self, reasons: &mut Reasons, stored: u32, place: &str) {
        if stored > self.newer_version {
            let known = self.newer_version;
            reasons.breaking.push(format!(
                "{place}the state is stored in version {stored}, the graph knows {known}"
            ));
        }
        // A state that is already of the newer version has the newer fields.
        if stored != self.newer_version || self.older_version != self.newer_version {
            return;
        }
        for change in &self.fields {
            let (name, what) = match change {
                Change::Added(field) => (&field.name, "is new, stored states lack it"),
                Change::Removed(field) => (&field.name, "is gone, stored states have it"),
                Change::Changed { older, newer } if older.ty != newer.ty => {
                    (&newer.name, "has another type")
                }
                Change::Changed { older, newer } if older.reducer != newer.reducer => {
                    (&newer.name, "has another reducer")
                }
                Change::Changed { newer, .. } => (&newer.name, "lives for another time"),
            };
            reasons.migration.push(format!("{place}field {} {what}", visible(name)));
        }
    }

    fn rate_due(&self, reasons: &mut Reasons, name: &str, sent: bool, place: &str) {
        let shown = visible(name);
        let is_worker = match self.newer_nodes.get(name) {
            None => {
                reasons.breaking.push(format!("{place}{shown} is due and is gone"));
                return;
            }
            Some(is_worker) => *is_worker,
        };
        let why = match (sent, is_worker) {
            (true, false) => Some("is sent to and is no worker"),
            (false, true) => Some("is due without a payload and is a worker"),
            _ => self.changed_node(name).and_then(|(older, newer)| unlike(older, newer)),
        };
        if let Some(why) = why {
            reasons.breaking.push(format!("{place}{shown} {why}"));
        }
    }

    fn changed_node(&self, name: &str) -> Option<(&NodeShape, &NodeShape)> {
        self.nodes.iter().find_map(|change| match change {
            Change::Changed { older, newer } if newer.name == name => Some((older, newer)),
            _ => None,
        })
    }
}

/// The place of what is in a node, of which one in a lane is named by both.
fn within(place: &str, node: &str) -> String {
    format!("{place}{} / ", visible(node).replace('/', " / "))
}

/// Why a node that is due cannot go on as the newer one, if so.
fn unlike(older: &NodeShape, newer: &NodeShape) -> Option<&'static str> {
    if older.join && !newer.join {
        return Some("waits and is no join any more");
    }
    match (&older.kind, &newer.kind) {
        (NodeKind::Node, NodeKind::Node) => None,
        (NodeKind::Worker { payload: old }, NodeKind::Worker { payload: new }) => {
            (old != new).then_some("is sent to and takes another payload")
        }
        // A lane that is half done goes on where it was; only what comes later may be new.
        (
            NodeKind::Lane { nodes: old, graphs: ran },
            NodeKind::Lane { nodes: new, graphs: runs },
        ) => {
            if !new.starts_with(old) {
                return Some("is due and has other nodes in its lane");
            }
            let (Some(ran), Some(runs)) = (ran, runs) else { return None };
            // What a newer lane has behind the older's nodes is none of theirs.
            let runs: Vec<_> = runs.iter().filter(|new| old.contains(&new.name)).collect();
            let pairs = || ran.iter().zip(&runs);
            let same = ran.len() == runs.len() && pairs().all(|(old, new)| same_graph(old, new));
            (!same).then_some("is due and a graph in its lane is another")
        }
        (
            NodeKind::Subgraph { persistent: old, payload: took, .. },
            NodeKind::Subgraph { persistent: new, payload: takes, .. },
        ) => {
            let moved = (old != new).then_some("is due and keeps its state elsewhere");
            moved.or((took != takes).then_some("is sent to and takes another payload"))
        }
        _ => Some("is due and is of another kind"),
    }
}

#[derive(Default)]
struct Reasons {
    breaking: Vec<String>,
    migration: Vec<String>,
}

impl Reasons {
    fn verdict(self) -> Verdict {
        if !self.breaking.is_empty() {
            Verdict::Breaking { why: self.breaking }
        } else if !self.migration.is_empty() {
            Verdict::NeedsMigration { why: self.migration }
        } else {
            Verdict::Safe
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Safe => f.write_str("safe"),
            Self::NeedsMigration { why } => write!(f, "needs a migration: {}", why.join("; ")),
            Self::Breaking { why } => write!(f, "breaking: {}", why.join("; ")),
        }
    }
}
