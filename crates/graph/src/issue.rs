//! What can be wrong with a graph as it is wired.

use std::fmt;

use crate::Warning;

/// One thing that is wrong with a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Issue {
    /// No node was named as the start.
    NoEntry,
    /// Two nodes have this name.
    DuplicateName {
        /// The name.
        name: &'static str,
    },
    /// A name that paths cannot hold.
    BadName {
        /// The name.
        name: &'static str,
    },
    /// A handle of another graph was used.
    ForeignHandle {
        /// The other graph's node.
        name: &'static str,
    },
    /// A route of a type without choices.
    EmptyRoute {
        /// The node it leaves.
        node: &'static str,
    },
    /// No path leads to the node.
    Unreachable {
        /// The node.
        node: &'static str,
    },
    /// The node has no outgoing edge, not even to the end.
    DeadEnd {
        /// The node.
        node: &'static str,
    },
    /// Once in one of these nodes, the run can never end.
    NoExit {
        /// The nodes, by name.
        nodes: Vec<&'static str>,
    },
    /// No node sends to the worker.
    NoSender {
        /// The worker.
        worker: &'static str,
    },
    /// The joined nodes are choices of one route that exclude each other, so the join waits for
    /// what can never come together.
    ExclusiveJoin {
        /// The join.
        join: &'static str,
        /// The nodes that exclude each other.
        parents: Vec<&'static str>,
    },
    /// The join is itself among what it waits for, so it can never begin.
    SelfJoin {
        /// The join.
        join: &'static str,
    },
    /// More arrivals are asked for than nodes are joined.
    Quorum {
        /// The join.
        join: &'static str,
        /// What is asked for.
        quorum: u32,
        /// What there is.
        parents: usize,
    },
    /// A lane without nodes, or with nodes that have edges of their own.
    BadLane {
        /// The lane.
        lane: &'static str,
        /// Why.
        why: String,
    },
    /// A cache on a persistent subgraph: what one thread's remembers would be another's.
    CachedMemory {
        /// The node.
        node: &'static str,
    },
    /// A node is said to write a field that the state does not have.
    UnknownField {
        /// The node.
        node: &'static str,
        /// The field's name.
        field: &'static str,
    },
    /// What is only a warning unless the graph is strict.
    Warned(Warning),
    /// A state with more fields than a [`FieldSet`](crate::FieldSet) holds.
    TooManyFields {
        /// How many.
        fields: usize,
    },
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEntry => write!(f, "no start: call start() with the first node"),
            Self::DuplicateName { name } => write!(f, "two nodes are named `{name}`"),
            Self::BadName { name } => {
                write!(f, "`{name}` is no name: it is empty or has one of `/ : [ ] #` in it")
            }
            Self::ForeignHandle { name } => write!(f, "node `{name}` belongs to another graph"),
            Self::EmptyRoute { node } => write!(f, "the route out of `{node}` has no choices"),
            Self::Unreachable { node } => write!(f, "no path leads to node `{node}`"),
            Self::DeadEnd { node } => {
                write!(f, "node `{node}` has no outgoing edge: add one, if only to END")
            }
            Self::NoExit { nodes } => {
                write!(f, "no way out of the cycle of `{}`", nodes.join("`, `"))
            }
            Self::NoSender { worker } => write!(f, "no node sends to worker `{worker}`"),
            Self::ExclusiveJoin { join, parents } => write!(
                f,
                "join `{join}` waits for `{}`, of which a route takes only one",
                parents.join("`, `")
            ),
            Self::SelfJoin { join } => write!(f, "join `{join}` waits for itself"),
            Self::Quorum { join, quorum, parents } => {
                write!(f, "join `{join}` asks for {quorum} arrivals of {parents} nodes")
            }
            Self::BadLane { lane, why } => write!(f, "lane `{lane}`: {why}"),
            Self::CachedMemory { node } => {
                write!(
                    f,
                    "persistent subgraph `{node}` cannot be cached: its state is the thread's"
                )
            }
            Self::UnknownField { node, field } => {
                write!(f, "node `{node}` cannot write `{field}`: the state has no such field")
            }
            Self::Warned(warning) => warning.fmt(f),
            Self::TooManyFields { fields } => {
                write!(f, "the state has {fields} fields, at most 64 are possible")
            }
        }
    }
}

/// The graph is wired wrongly. Holds every reason, not only the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildError {
    /// The graph's name.
    pub graph: &'static str,
    /// What is wrong; never empty.
    pub issues: Vec<Issue>,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "graph `{}` cannot be built", self.graph)?;
        for (n, issue) in self.issues.iter().enumerate() {
            write!(f, "{} {issue}", if n == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}

impl std::error::Error for BuildError {}
