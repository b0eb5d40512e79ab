//! What tests of graphs and of stores need: graphs with scripted nodes, killed and scheduled and
//! replayed; the stores' conformance suite; a store that fails where a test says.

mod conformance;
mod fault;
mod graph;
mod replay;

pub use conformance::conformance;
pub use fault::{Call, Fault, FaultStore};
pub use graph::{KillPoint, Kills, Recovered, Schedules, TestGraph, TestRun};
pub use replay::{Divergence, Replayed, replay};
