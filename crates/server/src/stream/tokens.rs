//! The format of `POST /chat`: JSON objects with `token`, `finished` and `timestamp`.

use bytes::BytesMut;
use serde::Serialize;
use utoipa::ToSchema;
use vpaura_domain::{
    Ask, Citation, ConversationId, CutOff, MessageId, Part, RunEvent, RunEventKind, RunFailure,
    RunId, RunStatus, Timestamp, Usage,
};

use super::sse::{Encoder, frame};

/// One event of the stream. The first has the ids, the last has `finished: true`, and how the run
/// stands or an error.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct TokenEvent {
    /// A piece of the answer; empty in the first and the last event.
    token: String,
    /// Whether this is the last event.
    finished: bool,
    /// When it happened.
    timestamp: Timestamp,
    /// First event: the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<ConversationId>,
    /// First and last event: the answer's message.
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<MessageId>,
    /// First event: the user's message.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_message_id: Option<MessageId>,
    /// First event: the run, to resume or cancel it.
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<RunId>,
    /// True when all tokens so far are void and the answer begins again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    reset: bool,
    /// Last event: how the run stands: completed, cancelled, failed, or interrupted.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<RunStatus>,
    /// Last event of a run that waits for answers: its questions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    asks: Vec<Ask>,
    /// Last event: what the answer cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    /// Last event: the passages that the answer relies on.
    #[serde(skip_serializing_if = "Option::is_none")]
    citations: Option<Vec<Citation>>,
    /// Last event: why the answer ends before the model had said all, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    cut_off: Option<CutOff>,
    /// Last event of a run that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<RunFailure>,
}

/// Encodes the answer as token events.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    message_id: Option<MessageId>,
    /// The questions that were asked last, and when: the run may wait for their answers.
    asks: Vec<Ask>,
    asked: Option<(u64, Timestamp)>,
}

impl Encoder for Tokens {
    fn encode(&mut self, event: &RunEvent, out: &mut BytesMut) {
        let mut token = TokenEvent { timestamp: event.at, ..TokenEvent::default() };
        if let RunEventKind::Interrupt { ask } = &event.kind {
            self.asks.push(ask.clone());
            self.asked = Some((event.seq, event.at));
            return;
        }
        self.asks.clear();
        self.asked = None;
        match &event.kind {
            RunEventKind::RunStarted { conversation_id, user_message_id, message_id, .. } => {
                self.message_id = Some(*message_id);
                token.conversation_id = Some(*conversation_id);
                token.message_id = Some(*message_id);
                token.user_message_id = Some(*user_message_id);
                token.run_id = Some(event.run_id);
            }
            RunEventKind::Delta { text } => text.as_ref().clone_into(&mut token.token),
            RunEventKind::Reset { .. } => token.reset = true,
            RunEventKind::RunCompleted { message } => {
                token.finished = true;
                token.message_id = Some(message.id);
                token.status = Some(RunStatus::Completed);
                token.usage = message.usage;
                token.citations = Some(citations(&message.parts));
                token.cut_off = message.cut_off();
            }
            RunEventKind::RunFailed { code, message } => {
                token.finished = true;
                token.message_id = self.message_id;
                token.status = Some(RunStatus::Failed);
                let (code, message) = (code.clone(), message.clone());
                token.error = Some(RunFailure { code, message });
            }
            RunEventKind::RunCancelled => {
                token.finished = true;
                token.message_id = self.message_id;
                token.status = Some(RunStatus::Cancelled);
            }
            _ => return,
        }
        frame(event.seq, None, &token, out);
    }

    fn finish(&mut self, out: &mut BytesMut) {
        let Some((seq, timestamp)) = self.asked.take() else { return };
        let token = TokenEvent {
            finished: true,
            timestamp,
            message_id: self.message_id,
            status: Some(RunStatus::Interrupted),
            asks: std::mem::take(&mut self.asks),
            ..TokenEvent::default()
        };
        frame(seq, None, &token, out);
    }
}

/// The citations among the parts.
pub(crate) fn citations(parts: &[Part]) -> Vec<Citation> {
    parts
        .iter()
        .filter_map(|part| match part {
            Part::Citation(citation) => Some(citation.clone()),
            _ => None,
        })
        .collect()
}
