//! What is probably a mistake and may be meant: told when a graph is built, or while it runs.

use std::fmt;
use std::sync::Arc;

/// One thing that is probably a mistake.
///
/// What is known of the wiring is in [`Graph::warnings`](crate::Graph::warnings); what only a run
/// can show is told by [`EventKind::Warning`](crate::EventKind) and logged. In a graph that is
/// [`strict`](crate::GraphBuilder::strict) the first is refused by `build`, and the second fails the
/// node.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// Nodes that may be due in the same step write a field that only one may write: that would be
    /// a [`Conflict`](crate::GraphError::Conflict).
    ParallelWriters {
        /// The field.
        field: &'static str,
        /// The nodes, by name. One alone is a worker that is sent several payloads.
        nodes: Vec<&'static str>,
    },
    /// A cycle, and nobody has said how many steps a run may take: see
    /// [`GraphBuilder::step_limit`](crate::GraphBuilder::step_limit).
    UnboundedLoop {
        /// The nodes of the cycle, by name.
        nodes: Vec<&'static str>,
    },
    /// Once in one of these nodes a run goes on for ever, unless a node fails, a limit is reached, or
    /// a step is handed to a parent: all edges of a node are followed, so that one to the end is no
    /// way out of a cycle that goes on beside it. A route would choose.
    EndlessLoop {
        /// The nodes of the cycles, by name.
        nodes: Vec<&'static str>,
    },
    /// A question in a run without a thread: nobody can answer it.
    InterruptWithoutStore {
        /// The node's path.
        path: Arc<str>,
        /// The question's key.
        key: String,
    },
    /// An attempt of a node had an effect with this key done already. The later one was not done;
    /// it got the result of the first.
    KeyReused {
        /// The node's path.
        path: Arc<str>,
        /// The effect's key.
        key: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ParallelWriters { field, nodes } => match nodes.as_slice() {
                [worker] => write!(
                    f,
                    "calls of worker `{worker}` may write field `{field}` in the same step"
                ),
                nodes => write!(
                    f,
                    "nodes `{}` may write field `{field}` in the same step",
                    nodes.join("`, `")
                ),
            },
            Self::UnboundedLoop { nodes } => write!(
                f,
                "no step limit is set for the cycle of `{}`: see GraphBuilder::step_limit",
                nodes.join("`, `")
            ),
            Self::EndlessLoop { nodes } => write!(
                f,
                "all edges are followed, so nothing ends the cycle of `{}`: a route would choose",
                nodes.join("`, `")
            ),
            Self::InterruptWithoutStore { path, key } => {
                write!(f, "node `{path}` asks `{key}` in a run without a thread: nobody can answer")
            }
            Self::KeyReused { path, key } => {
                write!(f, "node `{path}` has done an effect `{key}` already: it was not done again")
            }
        }
    }
}

impl std::error::Error for Warning {}
