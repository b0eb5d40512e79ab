//! A message and its parts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Citation, ConversationId, FileId, MessageId, Quoted, RunId, Timestamp, Usage};

/// The full name of the model that is built in: it writes nothing of its own, it quotes.
pub const EXTRACTIVE_MODEL: &str = "builtin/extractive";

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The person (or machine) that asks.
    User,
    /// The model.
    Assistant,
    /// Instructions.
    System,
    /// A tool's result.
    Tool,
}

/// How complete a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageStatus {
    /// Whole.
    Completed,
    /// Stopped by the user: partial text is kept.
    Cancelled,
    /// The run failed: whatever text had come is kept, see `error`.
    Failed,
}

/// A piece of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part {
    /// Words, as Markdown.
    Text {
        /// The words.
        text: String,
    },
    /// The model's reasoning, where the provider shows it.
    Reasoning {
        /// The words.
        text: String,
        /// The provider's opaque signature, needed to hand the reasoning back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signature: Option<String>,
    },
    /// An upload that belongs to the message.
    File {
        /// The file.
        file_id: FileId,
        /// Its name when it was attached.
        name: String,
        /// Its media type.
        media_type: String,
        /// Its size in bytes.
        size: u64,
    },
    /// The model asks for a tool.
    ToolCall {
        /// The provider's id of the call.
        id: String,
        /// The tool's name.
        name: String,
        /// Its arguments as the model wrote them (JSON text, possibly malformed).
        arguments: String,
    },
    /// What the tool answered.
    ToolResult {
        /// The call answered.
        id: String,
        /// The answer.
        output: String,
        /// Whether it is an error.
        is_error: bool,
        /// The files and documents whose passages are in it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        quotes: Vec<Quoted>,
        /// True when one of those is not there any more, or not open to the reader: then the answer
        /// is empty. Never stored: it is for each reader, whenever they read.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        gone: bool,
    },
    /// A passage relied on.
    Citation(Citation),
    /// The answer ends before the model had said all.
    CutOff {
        /// Why.
        reason: CutOff,
    },
}

/// Why an answer ends before the model had said all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CutOff {
    /// It reached the most tokens allowed.
    Length,
    /// The model refused to go on, or the provider's filter stopped it.
    Refusal,
}

/// Why a run failed, for people and for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunFailure {
    /// A stable code, for example `LLM_ERROR`.
    pub code: String,
    /// A plain sentence for the user.
    pub message: String,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The message it answers or follows; none for the first.
    pub parent_id: Option<MessageId>,
    /// The run that wrote it, for an assistant's message.
    pub run_id: Option<RunId>,
    /// Who speaks.
    pub role: Role,
    /// How complete it is.
    pub status: MessageStatus,
    /// Its pieces, in order.
    pub parts: Vec<Part>,
    /// The model that wrote it, as `provider/model`.
    pub model: Option<String>,
    /// What it cost, for an assistant's message.
    pub usage: Option<Usage>,
    /// Why it failed, when it did.
    pub error: Option<RunFailure>,
    /// When it was created.
    pub created_at: Timestamp,
}

impl Message {
    /// All text parts, one after another, without separators.
    pub fn text(&self) -> String {
        self.parts
            .iter()
            .filter_map(|part| match part {
                Part::Text { text } => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// Its citations, in order.
    pub fn citations(&self) -> impl Iterator<Item = &Citation> + '_ {
        self.parts.iter().filter_map(|part| match part {
            Part::Citation(citation) => Some(citation),
            _ => None,
        })
    }

    /// Whether its words are those of the documents that it cites, with their names. One that was
    /// stopped has not come to its citations, but may quote all the same.
    pub fn quotes_verbatim(&self) -> bool {
        self.role == Role::Assistant
            && self.model.as_deref() == Some(EXTRACTIVE_MODEL)
            && (self.status != MessageStatus::Completed || self.citations().next().is_some())
    }

    /// Why it ends before the model had said all, if it does.
    pub fn cut_off(&self) -> Option<CutOff> {
        self.parts.iter().rev().find_map(|part| match part {
            Part::CutOff { reason } => Some(*reason),
            _ => None,
        })
    }

    /// The files attached to it.
    pub fn file_ids(&self) -> impl Iterator<Item = FileId> + '_ {
        self.parts.iter().filter_map(|part| match part {
            Part::File { file_id, .. } => Some(*file_id),
            _ => None,
        })
    }
}
