//! What a model is asked, in no provider's words.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vpaura_domain::Role;

/// One call of a model.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ChatRequest {
    /// The conversation so far, oldest first; system messages may stand anywhere.
    pub messages: Vec<ChatMessage>,
    /// The tools the model may call.
    pub tools: Vec<ToolSpec>,
    /// How to answer.
    pub params: Params,
    /// Numbered sources to answer from; they belong to the last user message.
    pub passages: Arc<[Passage]>,
    /// The numbers of further sources, which stand in tool results as `[n]`.
    #[serde(default)]
    pub found: Vec<u32>,
}

/// Sizes only: a request's words never reach a log.
impl fmt::Debug for ChatRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatRequest")
            .field("messages", &self.messages.len())
            .field("tools", &self.tools.len())
            .field("passages", &self.passages.len())
            .field("params", &self.params)
            .finish()
    }
}

/// One message of a request.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ChatMessage {
    /// Who speaks.
    pub role: Role,
    /// Its pieces, in order.
    pub content: Vec<Content>,
}

impl ChatMessage {
    /// A message of one text.
    pub fn text(role: Role, text: impl Into<Arc<str>>) -> Self {
        Self { role, content: vec![Content::Text(text.into())] }
    }

    /// All its text, one piece after another.
    pub(crate) fn joined_text(&self) -> String {
        self.content
            .iter()
            .filter_map(|content| match content {
                Content::Text(text) => Some(text.as_ref()),
                _ => None,
            })
            .collect()
    }
}

/// Role and number of pieces only: the words never reach a log.
impl fmt::Debug for ChatMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatMessage")
            .field("role", &self.role)
            .field("content", &self.content.len())
            .finish()
    }
}

/// A piece of a message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Words.
    Text(Arc<str>),
    /// The model's earlier reasoning. Without its signature no provider takes it back, and it is
    /// left out.
    Reasoning {
        /// The words.
        text: Arc<str>,
        /// The provider's opaque signature.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signature: Option<Arc<str>>,
    },
    /// The model asked for a tool.
    ToolCall {
        /// The call's id.
        id: String,
        /// The tool's name.
        name: String,
        /// The arguments as the model wrote them: JSON text, possibly malformed.
        arguments: String,
    },
    /// What the tool answered.
    ToolResult {
        /// The call answered.
        id: String,
        /// The answer.
        output: String,
        /// Whether it is an error.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
    },
}

/// Kind and size only: the words never reach a log.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, bytes) = match self {
            Self::Text(text) => ("Text", text.len()),
            Self::Reasoning { text, .. } => ("Reasoning", text.len()),
            Self::ToolCall { arguments, .. } => ("ToolCall", arguments.len()),
            Self::ToolResult { output, .. } => ("ToolResult", output.len()),
        };
        write!(f, "{kind}({bytes} bytes)")
    }
}

/// A tool the model may call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolSpec {
    /// Its name: letters, digits, `_` and `-`, at most 64.
    pub name: String,
    /// What it does, for the model to read.
    pub description: String,
    /// The JSON Schema of its arguments, an object.
    pub parameters: serde_json::Value,
}

/// How to answer; what is absent is the provider's default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Params {
    /// 0 to 2. Left out for models that refuse it.
    pub temperature: Option<f32>,
    /// 0 to 1. Left out for models that refuse it.
    pub top_p: Option<f32>,
    /// The most tokens to answer with, reasoning included; lowered to the model's own limit.
    pub max_tokens: Option<u32>,
    /// Texts that end the answer.
    pub stop: Vec<String>,
    /// How much to think first, where the model can.
    pub reasoning_effort: Option<ReasoningEffort>,
}

/// How much a model should think before it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasoningEffort {
    /// A little.
    Low,
    /// The middle.
    Medium,
    /// A lot.
    High,
}

impl ReasoningEffort {
    /// The word that providers use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A numbered source given to the model, which cites it as `[index]`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    /// Its number, from 1, unique in the request.
    pub index: u32,
    /// The document's name.
    pub document: String,
    /// The headings above the passage, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headings: Vec<String>,
    /// The words.
    pub text: Arc<str>,
    /// How well it matched when it was found; only comparable within one request.
    pub score: f32,
}

impl Passage {
    /// Its headings on one line; none where there are none.
    pub(crate) fn section(&self) -> Option<String> {
        (!self.headings.is_empty()).then(|| self.headings.join(" › "))
    }
}

/// Number, name and size only: the words never reach a log.
impl fmt::Debug for Passage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passage")
            .field("index", &self.index)
            .field("bytes", &self.text.len())
            .field("score", &self.score)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_request_is_stored_in_few_words_and_read_back() {
        let content = vec![
            Content::Reasoning { text: "hm".into(), signature: None },
            Content::Text("Let me see.".into()),
            Content::ToolCall { id: "c1".into(), name: "look".into(), arguments: "{}".into() },
            Content::ToolResult { id: "c1".into(), output: "42".into(), is_error: false },
        ];
        let request = ChatRequest {
            messages: vec![ChatMessage { role: Role::Assistant, content }],
            tools: vec![ToolSpec {
                name: "look".into(),
                description: "Looks.".into(),
                parameters: json!({ "type": "object" }),
            }],
            params: Params { reasoning_effort: Some(ReasoningEffort::Low), ..Params::default() },
            found: vec![7],
            passages: [Passage {
                index: 1,
                document: "a".into(),
                headings: Vec::new(),
                text: "b".into(),
                score: 0.5,
            }]
            .into(),
        };
        let stored = serde_json::to_value(&request).expect("serialises");
        assert_eq!(
            stored["messages"][0],
            json!({ "role": "assistant", "content": [
                { "reasoning": { "text": "hm" } },
                { "text": "Let me see." },
                { "tool_call": { "id": "c1", "name": "look", "arguments": "{}" } },
                { "tool_result": { "id": "c1", "output": "42" } },
            ] })
        );
        let read: ChatRequest = serde_json::from_value(stored).expect("is read");
        assert_eq!(read, request);
        assert_eq!(format!("{read:?}"), format!("{request:?}"));
    }
}
