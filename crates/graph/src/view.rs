//! Seeing a graph: its shape as data, as pictures, and compared with another's.

mod topology;

pub use topology::{Edge, EdgeKind, FieldShape, NodeKind, NodeShape, Topology};
