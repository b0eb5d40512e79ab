//! Typed handles: what edges are made of. A handle of a graph over another state does not compile.

use std::fmt;
use std::marker::PhantomData;

use crate::State;

/// A node of a graph over `S`. Made by [`GraphBuilder::node`](crate::GraphBuilder::node).
pub struct Node<S> {
    pub(crate) builder: u64,
    pub(crate) index: usize,
    pub(crate) name: &'static str,
    state: PhantomData<fn() -> S>,
}

impl<S> Node<S> {
    pub(crate) const fn new(builder: u64, index: usize, name: &'static str) -> Self {
        Self { builder, index, name, state: PhantomData }
    }

    /// The node's name.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

// Not derived: the handle can be copied even where the state cannot.
impl<S> Clone for Node<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Node<S> {}

impl<S> fmt::Debug for Node<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Node").field(&self.name).finish()
    }
}

/// A worker of a graph over `S`: it runs only on a payload `P` that a node sends it, so an edge
/// cannot lead to it. Made by [`GraphBuilder::worker`](crate::GraphBuilder::worker).
pub struct Worker<S, P> {
    pub(crate) node: Node<S>,
    payload: PhantomData<fn(P)>,
}

impl<S, P> Worker<S, P> {
    pub(crate) const fn new(node: Node<S>) -> Self {
        Self { node, payload: PhantomData }
    }

    /// The worker's name.
    pub const fn name(self) -> &'static str {
        self.node.name
    }
}

impl<S, P> Clone for Worker<S, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, P> Copy for Worker<S, P> {}

impl<S, P> fmt::Debug for Worker<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Worker").field(&self.node.name).finish()
    }
}

/// Where an edge begins: a [`Node`] or a [`Worker`].
pub struct Origin<S>(pub(crate) Node<S>);

impl<S> From<Node<S>> for Origin<S> {
    fn from(node: Node<S>) -> Self {
        Self(node)
    }
}

impl<S, P> From<Worker<S, P>> for Origin<S> {
    fn from(worker: Worker<S, P>) -> Self {
        Self(worker.node)
    }
}

/// Where edges into a join begin: one or several nodes and workers, as a tuple or an array.
pub struct Origins<S>(pub(crate) Vec<Node<S>>);

/// The end of a graph. See [`END`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End;

/// The end of a graph: a branch that arrives here is finished. The run is done when no branch is
/// left.
pub const END: End = End;

/// Where an edge leads: to a node, several nodes at once (a tuple or an array), or [`END`].
pub struct Targets<S>(pub(crate) Vec<Option<Node<S>>>);

impl<S> Clone for Targets<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S> fmt::Debug for Targets<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Targets").field(&self.0).finish()
    }
}

impl<S> From<Node<S>> for Targets<S> {
    fn from(node: Node<S>) -> Self {
        Self(vec![Some(node)])
    }
}

impl<S> From<End> for Targets<S> {
    fn from(_: End) -> Self {
        Self(vec![None])
    }
}

impl<S> From<Vec<Node<S>>> for Targets<S> {
    fn from(nodes: Vec<Node<S>>) -> Self {
        Self(nodes.into_iter().map(Some).collect())
    }
}

impl<S, const N: usize> From<[Node<S>; N]> for Targets<S> {
    fn from(nodes: [Node<S>; N]) -> Self {
        Self(nodes.into_iter().map(Some).collect())
    }
}

impl<S, O: Into<Origin<S>>> From<O> for Origins<S> {
    fn from(origin: O) -> Self {
        Self(vec![origin.into().0])
    }
}

impl<S, const N: usize> From<[Node<S>; N]> for Origins<S> {
    fn from(nodes: [Node<S>; N]) -> Self {
        Self(nodes.into())
    }
}

impl<S> From<Vec<Node<S>>> for Origins<S> {
    fn from(nodes: Vec<Node<S>>) -> Self {
        Self(nodes)
    }
}

impl<S> From<Vec<Origin<S>>> for Origins<S> {
    fn from(origins: Vec<Origin<S>>) -> Self {
        Self(origins.into_iter().map(|origin| origin.0).collect())
    }
}

/// Tuples of handles, of two up to eight.
macro_rules! tuples {
    ($($part:ident)+) => {
        impl<S: State> From<($(tuples!(@node $part S),)+)> for Targets<S> {
            #[expect(non_snake_case, reason = "the parts' names are type names elsewhere")]
            fn from(($($part,)+): ($(tuples!(@node $part S),)+)) -> Self {
                Self(vec![$(Some($part)),+])
            }
        }

        impl<S: State, $($part: Into<Origin<S>>),+> From<($($part,)+)> for Origins<S> {
            #[expect(non_snake_case, reason = "the parts are named like their types")]
            fn from(($($part,)+): ($($part,)+)) -> Self {
                Self(vec![$($part.into().0),+])
            }
        }
    };
    (@node $part:ident $state:ident) => { Node<$state> };
}

tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);
tuples!(A B C D E F G);
tuples!(A B C D E F G H);
