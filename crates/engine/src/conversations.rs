//! Conversations: a tree of messages of which one path is shown. One operation, one file.

mod create;
mod delete;
mod export;
mod fork;
mod get;
mod import;
mod list;
mod message;
mod messages;
mod share;
mod update;

pub use create::NewConversation;
pub use export::{ExportedConversation, ExportedMessage};
pub use get::ConversationDetail;
pub use messages::{MessagePage, MessageView};
pub use share::{CreatedShare, SharedConversation};

/// What the audit log calls them.
const KIND: &str = "conversation";
