//! A run: one execution that answers one message.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ApiKeyId, ChatbotId, ConversationId, MessageId, Owner, RunFailure, RunId, SessionId, Timestamp,
    Usage, UserId,
};

/// The state of a run. It ends in exactly one of the last three; before that it may go from
/// running to interrupted and back any number of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Accepted, waiting for the conversation's current run.
    Queued,
    /// Executing somewhere.
    Running,
    /// Waiting for answers to its [questions](Ask). It executes nowhere, and its conversation is
    /// busy.
    Interrupted,
    /// Answered.
    Completed,
    /// Ended by an error.
    Failed,
    /// Stopped by the user.
    Cancelled,
}

impl RunStatus {
    /// Whether nothing can follow.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

/// A question that a run waits for an answer to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "id": "3:call_tool[0]#approve:call_1",
    "path": "call_tool[0]",
    "key": "approve:call_1",
    "question": {
        "kind": "approve_tool",
        "tool": "rename_conversation",
        "call_id": "call_1",
        "arguments": { "title": "Refunds" },
    },
}))]
pub struct Ask {
    /// Names it in an answer. Unique in the run, and the same after a restart.
    pub id: String,
    /// The node that asks.
    pub path: String,
    /// The node's own name for it.
    pub key: String,
    /// What is asked: an object whose `kind` says what answer is expected.
    pub question: serde_json::Value,
}

/// What happens to a message that arrives while the conversation's run is going.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MultitaskStrategy {
    /// Refuse it with 409.
    #[default]
    Reject,
    /// Accept it; it runs when the others are done, in order.
    Enqueue,
    /// Cancel the current run (its partial text stays), then run this one.
    Interrupt,
}

/// One execution that answers one message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The anonymous visitor's session it belongs to, if it is a visitor's.
    pub session_id: Option<SessionId>,
    /// The user it belongs to, if it is a user's. With neither it is the operator's own.
    pub user_id: Option<UserId>,
    /// The API key that asked, if one did.
    pub api_key_id: Option<ApiKeyId>,
    /// The chatbot that answers.
    pub chatbot_id: Option<ChatbotId>,
    /// The message being answered.
    pub user_message_id: MessageId,
    /// The id that the answer has (or will have).
    pub message_id: MessageId,
    /// Its state.
    pub status: RunStatus,
    /// The model asked for, as `provider/model`.
    pub model: String,
    /// Raised each time another server takes the run over; from 1.
    pub epoch: u32,
    /// The number of the last stored event.
    pub last_seq: u64,
    /// Whether a stop was asked for.
    pub cancel_requested: bool,
    /// Tokens and money so far (final once the run has ended).
    pub usage: Usage,
    /// Why it failed, when it did.
    pub error: Option<RunFailure>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it began to execute.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl Run {
    /// Whose eyes it reads with: its conversation's owner's; none when that is the operator's own.
    pub fn owner(&self) -> Option<Owner> {
        self.user_id.map(Owner::User).or(self.session_id.map(Owner::Session))
    }
}
