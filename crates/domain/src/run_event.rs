//! The run log's event: what every encoder, reader and test speaks.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Ask, Citation, ConversationId, CutOff, Message, MessageId, Quoted, RunId, Timestamp, Usage,
};

/// One thing that happened in a run.
///
/// `seq` starts at 1 and rises by 1 within an epoch. When another server takes a run over, the
/// epoch rises, a [`RunEventKind::Reset`] comes first, and `seq` continues above every number
/// that a reader can have seen (so there may be a gap, never a repeat).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunEvent {
    /// The run.
    pub run_id: RunId,
    /// The event's number in the run.
    pub seq: u64,
    /// Which take of the run it belongs to, from 1.
    pub epoch: u32,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub kind: RunEventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RunEventKind {
    /// The run began; the ids a client needs to find it again.
    RunStarted {
        /// The conversation.
        conversation_id: ConversationId,
        /// The message being answered.
        user_message_id: MessageId,
        /// The id the answer will have.
        message_id: MessageId,
        /// The model asked for, as `provider/model`.
        model: String,
    },
    /// A node of the graph began.
    StepStarted {
        /// Counts from 1 within the run.
        step: u32,
        /// The node's path: its name, with a number where several run at once
        /// (`call_tool[0]`).
        node: String,
    },
    /// A node of the graph ended.
    StepFinished {
        /// As in its `step_started`.
        step: u32,
        /// The node's path.
        node: String,
    },
    /// A streamed piece of the answer.
    Delta {
        /// The piece. Pieces never split a character.
        #[schema(value_type = String)]
        text: Arc<str>,
    },
    /// A streamed piece of the model's reasoning.
    Reasoning {
        /// The piece.
        #[schema(value_type = String)]
        text: Arc<str>,
    },
    /// A tool call, or a further piece of its arguments.
    ToolCall {
        /// The call's id.
        id: String,
        /// The tool's name (empty in later pieces).
        name: String,
        /// A piece of the arguments' JSON text.
        arguments: String,
    },
    /// A tool answered.
    ToolResult {
        /// The call's id.
        id: String,
        /// The answer.
        output: String,
        /// Whether it is an error.
        is_error: bool,
        /// The files and documents whose passages are in it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        quotes: Vec<Quoted>,
        /// True when one of those is not there any more, or not open to the reader: then the answer
        /// is empty. Never stored, as with citations.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        gone: bool,
    },
    /// A passage that the answer relies on.
    Citation {
        /// The passage.
        citation: Citation,
    },
    /// The answer ends here, before the model had said all.
    CutOff {
        /// Why.
        reason: CutOff,
    },
    /// Tokens and money so far.
    Usage {
        /// The sum over the run.
        usage: Usage,
    },
    /// The run asks somebody something. When nothing else can go on it waits for the answers, and
    /// what is read of it ends here until it is resumed.
    Interrupt {
        /// The question.
        ask: Ask,
    },
    /// All text of this run so far is void; the answer begins again.
    Reset {
        /// Why, in a few words.
        reason: String,
    },
    /// Terminal: the answer is stored.
    RunCompleted {
        /// The stored answer.
        message: Box<Message>,
    },
    /// Terminal: the run failed.
    RunFailed {
        /// A stable code.
        code: String,
        /// A plain sentence for the user.
        message: String,
    },
    /// Terminal: the run was stopped; partial text is stored.
    RunCancelled,
}

impl RunEventKind {
    /// Whether nothing can follow in the run.
    pub const fn is_terminal(&self) -> bool {
        matches!(self, Self::RunCompleted { .. } | Self::RunFailed { .. } | Self::RunCancelled)
    }

    /// The event's name on the wire.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::RunStarted { .. } => "run_started",
            Self::StepStarted { .. } => "step_started",
            Self::StepFinished { .. } => "step_finished",
            Self::Delta { .. } => "delta",
            Self::Reasoning { .. } => "reasoning",
            Self::ToolCall { .. } => "tool_call",
            Self::ToolResult { .. } => "tool_result",
            Self::Citation { .. } => "citation",
            Self::CutOff { .. } => "cut_off",
            Self::Usage { .. } => "usage",
            Self::Interrupt { .. } => "interrupt",
            Self::Reset { .. } => "reset",
            Self::RunCompleted { .. } => "run_completed",
            Self::RunFailed { .. } => "run_failed",
            Self::RunCancelled => "run_cancelled",
        }
    }
}

/// A reader's place in a run: the last event it has. Written as the event's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Cursor(pub u64);

/// The text was not a cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid cursor: expected the number of an event")]
pub struct InvalidCursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;
    fn from_str(s: &str) -> Result<Self, InvalidCursor> {
        // u64::from_str would also take a leading '+'.
        if s.is_empty() || s.len() > 20 || !s.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InvalidCursor);
        }
        s.parse().map(Self).map_err(|_| InvalidCursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{IdGen, SequentialIds};

    #[test]
    fn an_event_is_one_flat_json_object() {
        let ids = SequentialIds::default();
        let event = RunEvent {
            run_id: RunId::from_uuid(ids.uuid()),
            seq: 3,
            epoch: 1,
            at: Timestamp::from_millis(0),
            kind: RunEventKind::Delta { text: "Hi".into() },
        };
        let json = serde_json::to_string(&event).expect("serialises");
        assert_eq!(
            json,
            r#"{"run_id":"01900000-0000-7000-8000-000000000001","seq":3,"epoch":1,"at":"1970-01-01T00:00:00.000Z","type":"delta","text":"Hi"}"#
        );
        assert_eq!(serde_json::from_str::<RunEvent>(&json).expect("parses"), event);
    }

    #[test]
    fn cursors_are_plain_numbers() {
        assert_eq!("42".parse(), Ok(Cursor(42)));
        for bad in ["", "+1", "-1", "1.0", " 1", "99999999999999999999", "x"] {
            assert_eq!(bad.parse::<Cursor>(), Err(InvalidCursor), "{bad:?}");
        }
    }
}
