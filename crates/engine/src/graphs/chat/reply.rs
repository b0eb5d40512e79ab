//! What a model says, taken in as it comes.

use std::sync::Arc;

use vpaura_domain::{CutOff, Role, RunEventKind, Usage};
use vpaura_llm::{ChatMessage, ChatRequest, Content, ModelEvent, ModelRef, StopReason, TokenUsage};

use super::state::{Call, ChatEvent};
use crate::Engine;

/// What has come so far.
#[derive(Default)]
pub(super) struct Reply {
    text: String,
    reasoning: Option<(String, Option<Arc<str>>)>,
    calls: Vec<(u32, Call)>,
    /// The numbers of the passages that it cites.
    pub(super) cited: Vec<u32>,
    /// What the provider counted, if it said.
    tokens: Option<TokenUsage>,
    serving: Option<ModelRef>,
    cut_off: Option<CutOff>,
}

/// Whether the model would have said more.
const fn cut_off(reason: StopReason) -> Option<CutOff> {
    match reason {
        StopReason::Length => Some(CutOff::Length),
        StopReason::Refusal => Some(CutOff::Refusal),
        StopReason::End | StopReason::ToolCalls => None,
    }
}

impl Reply {
    /// Takes in an event of the model and says what to tell the run.
    pub(super) fn take(&mut self, event: ModelEvent) -> Option<ChatEvent> {
        let kind = match event {
            ModelEvent::Serving(model) => {
                self.serving = Some(model.clone());
                return Some(ChatEvent::Serving(model));
            }
            ModelEvent::Text(text) => {
                self.text.push_str(&text);
                RunEventKind::Delta { text }
            }
            ModelEvent::Reasoning { text, signature } => {
                let (all, signed) = self.reasoning.get_or_insert_default();
                all.push_str(&text);
                if signature.is_some() {
                    *signed = signature;
                }
                RunEventKind::Reasoning { text }
            }
            ModelEvent::ToolCallStart { index, id, name } => {
                let call = Call { id: id.clone(), name: name.clone(), arguments: String::new() };
                self.calls.push((index, call));
                RunEventKind::ToolCall { id, name, arguments: String::new() }
            }
            ModelEvent::ToolCallDelta { index, arguments } => {
                let (_, call) = self.calls.iter_mut().rev().find(|(at, _)| *at == index)?;
                call.arguments.push_str(&arguments);
                let (id, name) = (call.id.clone(), String::new());
                RunEventKind::ToolCall { id, name, arguments: arguments.to_string() }
            }
            ModelEvent::Citation { passage } => {
                self.cited.push(passage);
                return None;
            }
            ModelEvent::Usage(tokens) => {
                self.tokens = Some(tokens);
                return None;
            }
            ModelEvent::Stop(reason) => {
                let reason = cut_off(reason)?;
                self.cut_off = Some(reason);
                RunEventKind::CutOff { reason }
            }
        };
        Some(ChatEvent::Log(kind))
    }

    /// The words so far.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What the call consumed. A host that counts nothing, or an answer cut before the count came,
    /// is counted here.
    pub(super) fn usage(&self, engine: &Engine, asked: impl FnOnce() -> ChatRequest) -> Usage {
        let Some(served) = &self.serving else { return Usage::default() };
        let tokens = self.tokens.unwrap_or_else(|| TokenUsage {
            input: asked().messages.iter().map(count).sum(),
            output: vpaura_llm::count_tokens(&self.text) as u64,
            ..TokenUsage::default()
        });
        engine.models.info(served).map_or_else(Usage::default, |info| info.usage(&tokens))
    }

    /// What the log was told, in few words: the pieces joined.
    pub(super) fn said(&self) -> Vec<RunEventKind> {
        let mut said = Vec::new();
        if let Some((text, _)) = &self.reasoning {
            said.push(RunEventKind::Reasoning { text: text.as_str().into() });
        }
        if !self.text.is_empty() {
            said.push(RunEventKind::Delta { text: self.text.as_str().into() });
        }
        said.extend(self.calls.iter().map(|(_, call)| {
            let Call { id, name, arguments } = call.clone();
            RunEventKind::ToolCall { id, name, arguments }
        }));
        said.extend(self.cut_off.map(|reason| RunEventKind::CutOff { reason }));
        said
    }

    /// The answer as a message of the conversation, and the tool calls in it.
    pub(super) fn into_message(self) -> (ChatMessage, Vec<Call>) {
        let mut content = Vec::new();
        if let Some((text, signature)) = self.reasoning {
            content.push(Content::Reasoning { text: text.into(), signature });
        }
        if !self.text.is_empty() {
            content.push(Content::Text(self.text.into()));
        }
        let calls: Vec<Call> = self.calls.into_iter().map(|(_, call)| call).collect();
        content.extend(
            calls.iter().cloned().map(|Call { id, name, arguments }| Content::ToolCall {
                id,
                name,
                arguments,
            }),
        );
        (ChatMessage { role: Role::Assistant, content }, calls)
    }
}

fn count(message: &ChatMessage) -> u64 {
    let tokens = message.content.iter().map(|content| match content {
        Content::Text(text) | Content::Reasoning { text, .. } => vpaura_llm::count_tokens(text),
        Content::ToolCall { arguments, .. } => vpaura_llm::count_tokens(arguments),
        Content::ToolResult { output, .. } => vpaura_llm::count_tokens(output),
    });
    tokens.sum::<usize>() as u64
}
