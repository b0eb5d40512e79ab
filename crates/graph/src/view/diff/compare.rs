//! Finding what differs.

use std::collections::BTreeMap;

use super::{Change, Diff, SubgraphDiff};
use crate::view::topology::{Edge, EdgeKind, NodeKind, NodeShape, Topology};

pub(super) fn topologies(older: &Topology, newer: &Topology) -> Diff {
    let mut nodes = lists(&older.nodes, &newer.nodes, |a, b| a.name == b.name);
    let subgraphs = subgraphs(&nodes);
    nodes.retain(|change| match change {
        Change::Changed { older, newer } => !same_outside(older, newer),
        _ => true,
    });
    Diff {
        renamed: (older.graph != newer.graph).then(|| (older.graph.clone(), newer.graph.clone())),
        older_version: older.version,
        newer_version: newer.version,
        fields: lists(&older.fields, &newer.fields, |a, b| a.name == b.name),
        entries: lists(&older.entries, &newer.entries, |_, _| false),
        nodes,
        edges: lists(&older.edges, &newer.edges, same_edge),
        subgraphs,
        older_nodes: names(older),
        newer_nodes: names(newer),
    }
}

fn names(topology: &Topology) -> BTreeMap<String, bool> {
    let is_worker = |node: &NodeShape| {
        matches!(node.kind, NodeKind::Worker { .. } | NodeKind::Subgraph { payload: Some(_), .. })
    };
    topology.nodes.iter().map(|node| (node.name.clone(), is_worker(node))).collect()
}

/// Pairs equals first, then what `same` says is the same thing; what is left is added or removed.
fn lists<T: Clone + PartialEq>(
    older: &[T],
    newer: &[T],
    same: impl Fn(&T, &T) -> bool,
) -> Vec<Change<T>> {
    let mut left: Vec<&T> = older.iter().collect();
    let mut take =
        |is: &dyn Fn(&T) -> bool| left.iter().position(|old| is(old)).map(|at| left.remove(at));
    let unequal: Vec<&T> = newer.iter().filter(|new| take(&|old| old == *new).is_none()).collect();
    let mut changes: Vec<Change<T>> = unequal
        .into_iter()
        .map(|new| match take(&|old| same(old, new)) {
            Some(old) => Change::Changed { older: old.clone(), newer: new.clone() },
            None => Change::Added(new.clone()),
        })
        .collect();
    changes.extend(left.into_iter().cloned().map(Change::Removed));
    changes
}

/// Whether two edges are the same one, leading elsewhere.
fn same_edge(older: &Edge, newer: &Edge) -> bool {
    let leads_to_one = match older.kind {
        EdgeKind::Route { .. } | EdgeKind::OnError | EdgeKind::OnBudget => true,
        EdgeKind::Always | EdgeKind::Join | EdgeKind::Send | EdgeKind::Goto => false,
    };
    leads_to_one && older.from == newer.from && older.kind == newer.kind
}

fn subgraphs(nodes: &[Change<NodeShape>]) -> Vec<SubgraphDiff> {
    let changed = nodes.iter().filter_map(|change| match change {
        Change::Changed { older, newer } => Some((older, newer)),
        Change::Added(_) | Change::Removed(_) => None,
    });
    changed.flat_map(|(older, newer)| inside(older, newer)).collect()
}

/// What differs inside the graph that a node runs, or in those of a lane.
fn inside(older: &NodeShape, newer: &NodeShape) -> Vec<SubgraphDiff> {
    match (&older.kind, &newer.kind) {
        (
            NodeKind::Subgraph { graph: old, persistent: stayed, .. },
            NodeKind::Subgraph { graph: new, persistent: stays, .. },
        ) => {
            let diff = topologies(old, new);
            let (node, persistent) = (newer.name.clone(), *stayed && *stays);
            if diff.is_empty() { vec![] } else { vec![SubgraphDiff { node, persistent, diff }] }
        }
        (NodeKind::Lane { graphs: Some(old), .. }, NodeKind::Lane { graphs: Some(new), .. }) => {
            let pairs = new
                .iter()
                .filter_map(|new| Some((old.iter().find(|old| old.name == new.name)?, new)));
            let within = pairs.flat_map(|(old, new)| inside(old, new));
            let named = |inner: SubgraphDiff| SubgraphDiff {
                node: format!("{}/{}", newer.name, inner.node),
                ..inner
            };
            within.map(named).collect()
        }
        _ => vec![],
    }
}

/// Whether two nodes of a name differ inside a subgraph at most.
fn same_outside(older: &NodeShape, newer: &NodeShape) -> bool {
    let same_kind = match (&older.kind, &newer.kind) {
        (
            NodeKind::Subgraph { persistent: stayed, payload: took, .. },
            NodeKind::Subgraph { persistent: stays, payload: takes, .. },
        ) => stayed == stays && took == takes,
        (
            NodeKind::Lane { nodes: old, graphs: ran },
            NodeKind::Lane { nodes: new, graphs: runs },
        ) => {
            let same = match (ran, runs) {
                (Some(ran), Some(runs)) => {
                    let mut pairs = ran.iter().zip(runs);
                    ran.len() == runs.len() && pairs.all(|(old, new)| same_graph(old, new))
                }
                _ => true,
            };
            old == new && same
        }
        (older, newer) => older == newer,
    };
    same_kind && older.join == newer.join
}

/// Whether two nodes of a lane are the same, but for what is inside them.
pub(super) fn same_graph(older: &NodeShape, newer: &NodeShape) -> bool {
    older.name == newer.name && same_outside(older, newer)
}
