//! Seeing a graph: its shape as data, as pictures, and compared with another's.

mod diff;
mod dot;
mod figure;
mod label;
mod layout;
mod mermaid;
mod shape;
mod svg;
#[cfg(test)]
mod tests;
mod topology;

pub use diff::{Change, Diff, SubgraphDiff, Verdict, Waiting};
pub(crate) use shape::shape;
pub use topology::{Edge, EdgeKind, FieldShape, NodeKind, NodeShape, Topology};
