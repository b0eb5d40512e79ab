//! A stored message in the model's words.

use std::sync::Arc;

use vpaura_domain::{Message, Part, Role};
use vpaura_llm::{ChatMessage, Content};

/// Tokens that a provider adds around a message, roughly.
const OVERHEAD_TOKENS: usize = 4;

/// The message for a model, with the size of its texts in bytes.
///
/// Providers want a tool's result in a message of its own, so an answer with tool calls becomes
/// assistant, tool, assistant, … An answer that failed before its first word becomes nothing.
pub(crate) fn convert(message: &Message) -> (Vec<ChatMessage>, usize) {
    let mut messages: Vec<ChatMessage> = Vec::new();
    let mut bytes = 0;
    for part in &message.parts {
        let (role, content) = match part {
            Part::Text { text } => (message.role, Content::Text(Arc::from(text.as_str()))),
            Part::File { name, .. } => {
                (message.role, Content::Text(format!("[attached file: {name}]").into()))
            }
            Part::ToolCall { id, name, arguments } => {
                let (id, name) = (id.clone(), name.clone());
                let call = Content::ToolCall { id, name, arguments: arguments.clone() };
                (Role::Assistant, call)
            }
            Part::ToolResult { id, output, is_error } => {
                let (id, is_error) = (id.clone(), *is_error);
                let result = Content::ToolResult { id, output: output.clone(), is_error };
                (Role::Tool, result)
            }
            // Reasoning is for its own turn, a citation's passage for its own question.
            Part::Reasoning { .. } | Part::Citation(_) | Part::CutOff { .. } => continue,
        };
        bytes += text_of(&content).len();
        match messages.last_mut() {
            Some(last) if last.role == role => last.content.push(content),
            _ => messages.push(ChatMessage { role, content: vec![content] }),
        }
    }
    (messages, bytes)
}

/// How many tokens the messages have, with what goes around them. Reads every text.
pub(super) fn tokens(messages: &[ChatMessage]) -> usize {
    let texts = messages.iter().flat_map(|message| &message.content).map(text_of);
    texts.map(vpaura_llm::count_tokens).sum::<usize>() + OVERHEAD_TOKENS * messages.len()
}

/// At most so many tokens have messages whose texts have so many bytes: no token is empty.
pub(super) const fn most_tokens(messages: &[ChatMessage], bytes: usize) -> usize {
    bytes + OVERHEAD_TOKENS * messages.len()
}

/// What of a content is counted.
fn text_of(content: &Content) -> &str {
    match content {
        Content::Text(text) | Content::Reasoning { text, .. } => text,
        Content::ToolCall { arguments, .. } => arguments,
        Content::ToolResult { output, .. } => output,
    }
}
