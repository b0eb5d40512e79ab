//! Two versions of a graph compared.

mod compare;
mod lines;
mod rate;

use std::collections::BTreeMap;

use super::topology::{Edge, FieldShape, NodeShape, Topology};
pub use rate::{Verdict, Waiting};

/// What differs between an older and a newer shape of a graph. Prints as lines; order counts in
/// lanes only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    /// The older and the newer name, if they differ.
    pub renamed: Option<(String, String)>,
    /// The version of the older's state.
    pub older_version: u32,
    /// The version of the newer's state.
    pub newer_version: u32,
    /// The fields of the state, with their types and reducers.
    pub fields: Vec<Change<FieldShape>>,
    /// The nodes that are due first.
    pub entries: Vec<Change<String>>,
    /// The nodes. What changed inside a subgraph is in `subgraphs`.
    pub nodes: Vec<Change<NodeShape>>,
    /// The edges. One that now leads elsewhere has changed if it is a choice of a route or what
    /// follows an error or a used-up budget; other edges are removed and added.
    pub edges: Vec<Change<Edge>>,
    /// The subgraphs that both have and that differ inside.
    pub subgraphs: Vec<SubgraphDiff>,
    /// All nodes by name, and whether they are workers: what threads may be waiting for.
    older_nodes: BTreeMap<String, bool>,
    newer_nodes: BTreeMap<String, bool>,
}

/// What differs inside a subgraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubgraphDiff {
    /// The node that runs it, after the lane that it is in (`lane/search`).
    pub node: String,
    /// Whether its state stays between calls, in both.
    pub persistent: bool,
    /// What differs.
    pub diff: Diff,
}

/// A difference in one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<T> {
    /// Only the newer has it.
    Added(T),
    /// Only the older has it.
    Removed(T),
    /// Both have it, but not alike.
    Changed {
        /// As it was.
        older: T,
        /// As it is.
        newer: T,
    },
}

impl Topology {
    /// What differs from an older shape of the graph.
    pub fn diff(&self, older: &Self) -> Diff {
        compare::topologies(older, self)
    }
}

impl Diff {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.renamed.is_none()
            && self.older_version == self.newer_version
            && self.fields.is_empty()
            && self.entries.is_empty()
            && self.nodes.is_empty()
            && self.edges.is_empty()
            && self.subgraphs.is_empty()
    }
}
