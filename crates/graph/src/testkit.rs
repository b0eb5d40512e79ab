//! What tests of graphs and of stores need: the stores' conformance suite, and a store that
//! fails where a test says.

mod conformance;
mod fault;

pub use conformance::conformance;
pub use fault::{Call, Fault, FaultStore};
