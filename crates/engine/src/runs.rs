//! Runs: the execution that answers a message, as a durable log of events.
//!
//! `turn` works out what a message means, `choose` who answers it and how, `start` stores it with
//! its run, `execute` drives the graph and records what happens, `follow` reads the log from anywhere, `cancel` stops, `recover` takes over what a dead server
//! left behind.

mod answer;
mod cancel;
mod choose;
mod execute;
mod failure;
mod follow;
mod get;
mod log;
mod recorder;
mod recover;
mod registry;
mod request;
mod reserve;
mod resume;
mod start;
mod suspend;
mod tell;
mod thread;
mod turn;

pub use follow::RunReader;
pub use get::RunDetail;
pub use start::{RunInput, StartRun, StartedRun, Target};

pub(crate) use recorder::retry;
pub(crate) use registry::Registry;
pub(crate) use request::Snapshot;

/// The publish–subscribe channel that asks every server to stop a run.
const CANCEL_CHANNEL: &str = "runs:cancel";

/// The channel that says that a run's stored log has grown.
fn advanced_channel(run_id: vpaura_domain::RunId) -> String {
    format!("run:{run_id}")
}
