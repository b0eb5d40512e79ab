//! Help for tests and benches: a real HTTP server that speaks the model providers' wire formats
//! and does what its test tells it, faults included; a bucket; a mail server; and a real identity
//! provider. And it lets a test program be the child process that reads files, at once or when it is
//! let.
//!
//! It must not know: our own crates, but for that child. It stands on the far side of the wire, so
//! a mistake of ours about a format cannot hide in a helper shared by both sides.

mod answers;
mod body;
mod dialect;
mod extract_child;
mod held_children;
mod oidc_server;
mod record;
mod reply;
mod s3_server;
mod server;
mod smtp_server;

pub use answers::DefaultAnswer;
pub use extract_child::extract_child;
pub use held_children::{HeldChild, HeldChildren};
pub use oidc_server::OidcServer;
pub use record::RecordedRequest;
pub use reply::{Gate, Reply, ReplyUsage, Step};
pub use s3_server::S3Server;
pub use server::ScriptedProvider;
pub use smtp_server::{Manners, SmtpServer};
