//! The shape of a graph as data: what pictures show and what is compared between versions.

use serde::{Deserialize, Serialize};

/// The shape of a graph. Its JSON form is stable: keep it to compare a later version with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topology {
    /// The graph's name.
    pub graph: String,
    /// [`State::VERSION`](crate::State::VERSION).
    pub version: u32,
    /// The fields of the state, in order.
    pub fields: Vec<FieldShape>,
    /// The nodes that are due first, by name.
    pub entries: Vec<String>,
    /// The nodes, in the order of adding.
    pub nodes: Vec<NodeShape>,
    /// The edges, in the order of adding.
    pub edges: Vec<Edge>,
}

/// A field of the state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldShape {
    /// Its name.
    pub name: String,
    /// Its reducer, as [`Reducer`](crate::Reducer) prints it.
    pub reducer: String,
    /// Its Rust type, as written.
    pub ty: String,
    /// Whether it lives for one step only.
    #[serde(default)]
    pub ephemeral: bool,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeShape {
    /// Its name.
    pub name: String,
    /// What kind of node it is.
    pub kind: NodeKind,
    /// Whether it waits for all branches that can still reach it.
    #[serde(default)]
    pub join: bool,
}

/// What kind of node it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum NodeKind {
    /// An async function.
    Node,
    /// An async function of a payload, run once for each send.
    Worker {
        /// The payload's Rust type.
        payload: String,
    },
    /// Nodes run one after the other as one task.
    Lane {
        /// Their names, in order.
        nodes: Vec<String>,
        /// The shapes of those among them that run another graph; not known of a lane whose shape
        /// was kept before these were part of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        graphs: Option<Vec<NodeShape>>,
    },
    /// Another graph, run as one task.
    Subgraph {
        /// Its shape.
        graph: Box<Topology>,
        /// Whether its state stays between calls.
        persistent: bool,
        /// The payload's Rust type, of one that is run once for each send.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payload: Option<String>,
    },
}

/// An edge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    /// The node it leaves, by name.
    pub from: String,
    /// The node it leads to, by name; `None` is the end.
    pub to: Option<String>,
    /// When it is followed.
    pub kind: EdgeKind,
}

/// When an edge is followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum EdgeKind {
    /// Always.
    Always,
    /// When the route makes this choice.
    Route {
        /// The choice, as its type prints it for debugging.
        choice: String,
    },
    /// Always; the node it leads to waits for the others.
    Join,
    /// When the node says so, any number of times, with payloads.
    Send,
    /// When the node says so.
    Goto,
    /// When the node has failed for good.
    OnError,
    /// When the budget is used up.
    OnBudget,
}
