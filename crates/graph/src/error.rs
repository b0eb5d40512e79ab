//! How a run fails, and how a node does.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::store::Seq;
use crate::{Limit, StoreError, ThreadId};

/// Why a run failed. Expected ends (done, interrupted, cancelled, …) are
/// [`Outcome`](crate::Outcome)s, not errors. A failed run leaves its thread as the last committed
/// step left it; the work of the step's finished nodes is kept and not done again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// A node returned an error, and neither its retries nor a handler mended it.
    #[error("node `{path}` failed at attempt {attempt}: {source}")]
    Node {
        /// The node's path.
        path: Arc<str>,
        /// The attempt, from 1.
        attempt: u32,
        /// What the node returned; downcast it to act on it. [`TimedOut`] is one.
        source: Box<dyn Error + Send + Sync>,
        /// Whether trying again can help, where the node said so.
        class: Option<Class>,
    },
    /// A node, a reducer or a route panicked. Only this run is affected.
    #[error("node `{path}` panicked: {message}")]
    Panicked {
        /// The node's path.
        path: Arc<str>,
        /// The panic's message, where it was a text.
        message: String,
    },
    /// Two nodes of a step wrote what only one may write.
    #[error("conflict over field `{field}`, written by {}", writers.join(", "))]
    Conflict {
        /// The field of the state.
        field: &'static str,
        /// The nodes that wrote it, by path.
        writers: Vec<String>,
    },
    /// A reducer refused a value.
    #[error("field `{field}` refuses what node `{path}` wrote: {reason}")]
    Reduce {
        /// The node's path.
        path: Arc<str>,
        /// The field of the state.
        field: &'static str,
        /// Why.
        reason: String,
    },
    /// The run took as many steps as it may.
    #[error("not finished after {limit} steps")]
    StepLimit {
        /// The limit.
        limit: u32,
    },
    /// A route chose something that its type's [`Route::ALL`](crate::Route::ALL) does not list, or
    /// a node went to or sent to what the graph does not declare.
    #[error("node `{path}` leads to {target}, which the graph does not declare")]
    Undeclared {
        /// The node it leaves.
        path: Arc<str>,
        /// What was chosen.
        target: String,
    },
    /// The branches of a join were not there in time.
    #[error("join `{node}` was still waiting after {deadline:?}")]
    JoinDeadline {
        /// The join.
        node: &'static str,
        /// Its deadline.
        deadline: Duration,
    },
    /// An answer cannot be read as what the node asks for. The question stays open.
    #[error("the answer to `{ask}` is not what is asked for: {reason}")]
    BadAnswer {
        /// The question's id.
        ask: String,
        /// Why.
        reason: String,
    },
    /// An answer names no open question.
    #[error("no open question `{ask}`; open are: {}", open.join(", "))]
    UnknownAsk {
        /// The id in the answer.
        ask: String,
        /// The open questions' ids.
        open: Vec<String>,
    },
    /// The thread has no checkpoint to continue from.
    #[error("thread `{thread}` has nothing to resume")]
    NothingToResume {
        /// The thread.
        thread: ThreadId,
    },
    /// The store failed, or another writer has the thread.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A checkpoint cannot be read.
    #[error("checkpoint {seq} of thread `{thread}` cannot be read: {reason}")]
    Corrupt {
        /// The thread.
        thread: ThreadId,
        /// The checkpoint.
        seq: Seq,
        /// Why.
        reason: String,
    },
    /// A checkpoint was written by a newer version of the state.
    #[error("thread `{thread}` was written by version {stored} of the state; this is {known}")]
    Newer {
        /// The thread.
        thread: ThreadId,
        /// The version that wrote it.
        stored: u32,
        /// The version of this program.
        known: u32,
    },
    /// A checkpoint waits for a node that the graph does not have.
    #[error("thread `{thread}` waits for node `{node}`, which the graph does not have")]
    UnknownNode {
        /// The thread.
        thread: ThreadId,
        /// The node's name.
        node: String,
    },
    /// A value has no JSON form.
    #[error("what node `{path}` returned cannot be stored: {reason}")]
    Encode {
        /// The node's path.
        path: Arc<str>,
        /// Why.
        reason: String,
    },
    /// The run was told to stop, and a node that never yields keeps it from doing so. It can no
    /// longer commit anything once its thread is claimed anew.
    #[error("a node does not yield: the run did not stop within its grace period")]
    Stuck,
    /// The runtime that drove the run was shut down.
    #[error("the runtime was shut down during the run")]
    Aborted,
}

/// An attempt of a node took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{} {limit:?}", if *idle { "silent for" } else { "not finished within" })]
pub struct TimedOut {
    /// The limit that was passed.
    pub limit: Duration,
    /// Whether it was the time between two signs of life, not the whole time.
    pub idle: bool,
}

/// What a node fails with. Any error converts into it, so `?` works in nodes.
///
/// It is not an [`Error`] itself (it could not be converted from all errors then); the original is
/// the source of [`GraphError::Node`].
pub struct NodeError(pub(crate) Box<Failing>);

/// Why a node does not return a step.
pub(crate) enum Failing {
    Failed {
        source: Box<dyn Error + Send + Sync>,
        class: Option<Class>,
    },
    /// It waits for an answer; the question is in the journal.
    Interrupted,
    /// It was cancelled while waiting for the engine.
    Cancelled,
    Budget(Limit),
    BadAnswer {
        ask: String,
        reason: String,
    },
    /// The engine's own failure inside a node's call, or that of a subgraph.
    Engine(GraphError),
}

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// It can: the cause passes by itself.
    Transient,
    /// It cannot.
    Permanent,
}

impl NodeError {
    /// An error that is only a text.
    pub fn message(text: impl Into<String>) -> Self {
        Self::failed(text.into().into(), None)
    }

    /// An error after which trying again can help.
    pub fn transient(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::failed(error.into(), Some(Class::Transient))
    }

    /// An error after which trying again cannot help.
    pub fn permanent(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::failed(error.into(), Some(Class::Permanent))
    }

    fn failed(source: Box<dyn Error + Send + Sync>, class: Option<Class>) -> Self {
        Self(Box::new(Failing::Failed { source, class }))
    }

    pub(crate) fn engine(error: impl Into<GraphError>) -> Self {
        Self(Box::new(Failing::Engine(error.into())))
    }

    /// Whether trying again can help, where the error was made with an answer to that, or is an
    /// I/O error or timeout whose kind says so.
    pub fn class(&self) -> Option<Class> {
        match &*self.0 {
            Failing::Failed { source, class }
            // What failed in a subgraph passes as what fails in a node does.
            | Failing::Engine(GraphError::Node { source, class, .. }) => {
                class.or_else(|| classify(source.as_ref()))
            }
            _ => Some(Class::Permanent),
        }
    }

    /// The error inside, if it is an `E`.
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        match &*self.0 {
            Failing::Failed { source, .. } => source.downcast_ref(),
            Failing::Engine(error) => (error as &(dyn Error + 'static)).downcast_ref(),
            _ => None,
        }
    }
}

/// Looks for a cause that passes by itself, from the error inwards.
fn classify(error: &(dyn Error + 'static)) -> Option<Class> {
    use std::io::ErrorKind as Io;
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<TimedOut>() || error.is::<tokio::time::error::Elapsed>() {
            return Some(Class::Transient);
        }
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            let passes = matches!(
                io.kind(),
                Io::TimedOut
                    | Io::Interrupted
                    | Io::WouldBlock
                    | Io::ConnectionRefused
                    | Io::ConnectionReset
                    | Io::ConnectionAborted
                    | Io::BrokenPipe
                    | Io::UnexpectedEof
            );
            return Some(if passes { Class::Transient } else { Class::Permanent });
        }
        cause = error.source();
    }
    None
}

impl<E: Error + Send + Sync + 'static> From<E> for NodeError {
    fn from(error: E) -> Self {
        Self::failed(error.into(), None)
    }
}

impl fmt::Display for NodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Failing::Failed { source, .. } => source.fmt(f),
            Failing::Interrupted => f.write_str("waits for an answer"),
            Failing::Cancelled => f.write_str("cancelled"),
            Failing::Budget(limit) => write!(f, "the budget of {limit} is used up"),
            Failing::BadAnswer { ask, reason } => write!(f, "bad answer to `{ask}`: {reason}"),
            Failing::Engine(error) => error.fmt(f),
        }
    }
}

impl fmt::Debug for NodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Failing::Failed { source, .. } => source.fmt(f),
            Failing::Engine(error) => error.fmt(f),
            _ => write!(f, "NodeError({self})"),
        }
    }
}
