//! A compiled graph's shape.

use super::{Edge, EdgeKind, FieldShape, NodeKind, NodeShape, Topology};
use crate::State;
use crate::graph::{Compiled, Exit, NodeSpec, Work};

/// The shape of a graph.
pub(crate) fn shape<S: State>(graph: &Compiled<S>) -> Topology {
    let name = |node: usize| graph.nodes[node].name.to_owned();
    Topology {
        graph: graph.name.to_owned(),
        version: S::VERSION,
        fields: S::FIELDS
            .iter()
            .map(|field| FieldShape {
                name: field.name.to_owned(),
                reducer: field.reducer.to_string(),
                ty: field.ty.to_owned(),
                ephemeral: field.ephemeral,
            })
            .collect(),
        entries: graph.entries.iter().map(|&entry| name(entry)).collect(),
        nodes: (0..graph.nodes.len())
            .filter(|&node| !in_lane(graph, node))
            .map(|node| node_shape(graph, &graph.nodes[node]))
            .collect(),
        edges: (0..graph.nodes.len()).flat_map(|node| edges(graph, node)).collect(),
    }
}

/// Whether the node is a lane's, which shows it.
fn in_lane<S: State>(graph: &Compiled<S>, node: usize) -> bool {
    graph
        .nodes
        .iter()
        .any(|other| matches!(&other.work, Work::Lane(nodes) if nodes.contains(&node)))
}

fn node_shape<S: State>(graph: &Compiled<S>, node: &NodeSpec<S>) -> NodeShape {
    let kind = match &node.work {
        Work::Node(_) => NodeKind::Node,
        Work::Worker { payload, .. } => NodeKind::Worker { payload: payload.clone() },
        Work::Lane(nodes) => {
            let nodes = || nodes.iter().map(|&node| &graph.nodes[node]);
            let graphs = nodes().filter(|node| matches!(node.work, Work::Subgraph { .. }));
            NodeKind::Lane {
                nodes: nodes().map(|node| node.name.to_owned()).collect(),
                graphs: Some(graphs.map(|node| node_shape(graph, node)).collect()),
            }
        }
        Work::Subgraph { inner, persistent, takes, .. } => NodeKind::Subgraph {
            graph: Box::new(inner.clone()),
            persistent: *persistent,
            payload: takes.as_ref().map(|(_, payload)| payload.clone()),
        },
    };
    NodeShape { name: node.name.to_owned(), kind, join: node.join.is_some() }
}

fn edges<S: State>(graph: &Compiled<S>, from: usize) -> Vec<Edge> {
    let node = &graph.nodes[from];
    let edge = |to: Option<usize>, kind| Edge {
        from: node.name.to_owned(),
        to: to.map(|to| graph.nodes[to].name.to_owned()),
        kind,
    };
    let mut edges = Vec::new();
    for exit in &node.exits {
        match exit {
            Exit::Edge(to) => {
                let joins = to.is_some_and(|to| graph.nodes[to].joins.contains(&from));
                edges.push(edge(*to, if joins { EdgeKind::Join } else { EdgeKind::Always }));
            }
            Exit::Route { table, .. } => {
                for (choice, targets) in table {
                    let route = |&to| edge(to, EdgeKind::Route { choice: choice.clone() });
                    edges.extend(targets.iter().map(route));
                }
            }
        }
    }
    edges.extend(node.goes.iter().map(|&to| edge(Some(to), EdgeKind::Goto)));
    edges.extend(node.sends.iter().map(|&to| edge(Some(to), EdgeKind::Send)));
    edges.extend(node.tune.on_error.map(|to| edge(Some(to), EdgeKind::OnError)));
    edges.extend(node.tune.on_budget.map(|to| edge(Some(to), EdgeKind::OnBudget)));
    edges
}
