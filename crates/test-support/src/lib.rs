//! Help for tests and benches: a real HTTP server that speaks the model providers' wire formats
//! and does what its test tells it, faults included; and a real identity provider.
//!
//! It must not know: our own crates. It stands on the far side of the wire, so a mistake of ours
//! about a format cannot hide in a helper shared by both sides.

mod answers;
mod body;
mod dialect;
mod oidc_server;
mod record;
mod reply;
mod server;

pub use answers::DefaultAnswer;
pub use oidc_server::OidcServer;
pub use record::RecordedRequest;
pub use reply::{Gate, Reply, ReplyUsage, Step};
pub use server::ScriptedProvider;
