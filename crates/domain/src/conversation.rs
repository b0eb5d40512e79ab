//! A conversation: messages as a tree, of which one path is shown.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ChatbotId, ConversationId, MessageId, Metadata, Owner, SessionId, Timestamp, UserId};

/// The state of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConversationStatus {
    /// Listed by default.
    Active,
    /// Kept, listed only when asked for.
    Archived,
    /// Softly deleted: listed nowhere, rows kept.
    Deleted,
}

/// A list of messages. Messages form a tree by their parents (an edit or a regeneration adds a
/// branch, nothing is overwritten); `head_message_id` is the end of the path being shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// The anonymous visitor's session it belongs to, if it is a visitor's.
    pub session_id: Option<SessionId>,
    /// The user it belongs to, if it is a user's. With neither it is the operator's own.
    pub user_id: Option<UserId>,
    /// The chatbot that answers in it; none for one from before there were chatbots.
    pub chatbot_id: Option<ChatbotId>,
    /// Its title, at most 500 characters; none until one is given or made.
    pub title: Option<String>,
    /// Its state.
    pub status: ConversationStatus,
    /// Free JSON of the caller.
    pub metadata: Metadata,
    /// The last message of the path being shown.
    pub head_message_id: Option<MessageId>,
    /// How many messages it holds, on all branches.
    pub message_count: u64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed or written to.
    pub updated_at: Timestamp,
}

/// What `PATCH /conversations/{id}` may change; absent fields stay.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConversationChanges {
    /// The new title; `Some(None)` removes it.
    pub title: Option<Option<String>>,
    /// The new status (active or archived; deletion is its own operation).
    pub status: Option<ConversationStatus>,
    /// The new metadata, replacing the old.
    pub metadata: Option<Metadata>,
    /// Shows the branch that ends in this message.
    pub head_message_id: Option<MessageId>,
}

/// Which conversations a list shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConversationFilter {
    /// Only these states; `None` means active alone. Deleted ones are never listed.
    pub status: Option<ConversationStatus>,
    /// Only of this session (within the scope).
    pub session_id: Option<SessionId>,
    /// Only those whose title or messages contain this text, whatever the case.
    pub query: Option<String>,
}

impl Conversation {
    /// Whom it belongs to; none when it is the operator's own.
    pub fn owner(&self) -> Option<Owner> {
        self.user_id.map(Owner::User).or(self.session_id.map(Owner::Session))
    }
}
