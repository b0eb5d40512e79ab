//! Conversations: create, list, search, change, fork, import, share, delete.

mod change;
mod create;
mod delete;
mod fork;
mod import;
mod list;
mod read;
mod share;

use vpaura_domain::{
    ChatbotId, Conversation, ConversationId, ConversationStatus, MessageId, Scope, SessionId,
    Timestamp, UserId,
};

pub(crate) use create::insert;
pub(crate) use read::{find, find_locked, lock, lock_all, lock_of_run};

use crate::codec::{self, Word};
use crate::entities::conversation::Model;
use crate::error::StoreError;

/// A conversation that somebody made public, as it was then.
#[derive(Debug, Clone, PartialEq)]
pub struct Shared {
    /// Its owner as they stand in its workspace now: what they may see is what a link shows.
    pub owner: Scope,
    /// The conversation.
    pub conversation: Conversation,
    /// The end of the path that is public; later messages are not. None when it was empty.
    pub leaf: Option<MessageId>,
    /// When it was shared.
    pub created_at: Timestamp,
}

impl TryFrom<Model> for Conversation {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: ConversationId::from_uuid(row.id),
            session_id: row.session_id.map(SessionId::from_uuid),
            user_id: row.user_id.map(UserId::from_uuid),
            chatbot_id: row.chatbot_id.map(ChatbotId::from_uuid),
            title: row.title,
            status: ConversationStatus::from_word(&row.status, "conversations.status")?,
            metadata: codec::metadata(row.metadata, "conversations.metadata")?,
            head_message_id: row.head_message_id.map(MessageId::from_uuid),
            message_count: codec::to_u64(row.message_count),
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}
