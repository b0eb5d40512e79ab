//! The request's JSON.

use serde::Serialize;
use serde_json::{Value, json};
use vpaura_domain::Role;

use crate::prompt::question_index;
use crate::{ChatMessage, ChatRequest, Content, LlmError, Params, Passage, ReasoningEffort};

/// What redacted reasoning's signature starts with in our [`Content::Reasoning`].
pub(super) const REDACTED: &str = "redacted:";
/// The API wants a limit. Where the caller sets none: the model's own, but at most this, since it
/// is taken from the room that the context window has left.
const DEFAULT_MAX_TOKENS: u32 = 16_384;
/// The limit for a model of which nothing is known.
const UNKNOWN_MAX_OUTPUT: u32 = 4_096;
/// The least budget of thinking that the API accepts.
const MIN_THINKING: u32 = 1_024;
/// Models that think within a budget of tokens. Later ones choose for themselves, within an
/// effort, and refuse sampling parameters.
const BUDGET_MODELS: [&str; 8] = [
    "claude-3",
    "claude-opus-4-0",
    "claude-opus-4-1",
    "claude-opus-4-2",
    "claude-opus-4-5",
    "claude-sonnet-4-0",
    "claude-sonnet-4-2",
    "claude-sonnet-4-5",
];
const BUDGET_HAIKU: &str = "claude-haiku-4-5";

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    max_tokens: u32,
    stream: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    system: Vec<Value>,
    messages: Vec<WireMessage>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<WireTool<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop_sequences: Vec<&'a str>,
    #[serde(flatten)]
    manner: Manner,
}

/// How to sample and how to think, which depend on each other.
#[derive(Default, Serialize)]
struct Manner {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<Value>,
}

#[derive(Serialize)]
struct WireMessage {
    role: &'static str,
    content: Vec<Value>,
}

#[derive(Serialize)]
struct WireTool<'a> {
    name: &'a str,
    description: &'a str,
    input_schema: &'a Value,
}

/// The passages sent as documents, in the order that citations count them by. Documents without
/// words are refused by the API.
pub(super) fn documents(request: &ChatRequest) -> impl Iterator<Item = &Passage> {
    request.passages.iter().filter(|passage| !passage.text.trim().is_empty())
}

/// The JSON that asks `model` for a stream. `max_output` is the model's own limit.
pub(super) fn body(
    model: &str,
    request: &ChatRequest,
    max_output: Option<u32>,
) -> Result<Vec<u8>, LlmError> {
    let own = max_output.unwrap_or(UNKNOWN_MAX_OUTPUT);
    let max_tokens = request.params.max_tokens.unwrap_or(DEFAULT_MAX_TOKENS).min(own).max(1);
    let body = Body {
        model,
        max_tokens,
        stream: true,
        system: system(&request.messages),
        messages: messages(request),
        tools: request
            .tools
            .iter()
            .map(|tool| WireTool {
                name: &tool.name,
                description: &tool.description,
                input_schema: &tool.parameters,
            })
            .collect(),
        // One of nothing but white space is refused.
        stop_sequences: request
            .params
            .stop
            .iter()
            .map(String::as_str)
            .filter(|stop| !stop.trim().is_empty())
            .collect(),
        manner: manner(model, &request.params, max_tokens),
    };
    serde_json::to_vec(&body)
        .map_err(|error| LlmError::BadRequest { detail: format!("cannot be written: {error}") })
}

fn manner(model: &str, params: &Params, max_tokens: u32) -> Manner {
    let budgeted = BUDGET_MODELS.iter().any(|prefix| model.starts_with(prefix))
        || model.starts_with(BUDGET_HAIKU);
    if !budgeted {
        let effort = params.reasoning_effort;
        return Manner {
            thinking: effort.map(|_| json!({"type": "adaptive"})),
            output_config: effort.map(|effort| json!({"effort": effort.as_str()})),
            ..Manner::default()
        };
    }
    let budget = params.reasoning_effort.map(|effort| match effort {
        ReasoningEffort::Low => 2_048,
        ReasoningEffort::Medium => 8_192,
        ReasoningEffort::High => 16_384,
    });
    // The budget must leave room for the answer.
    if let Some(budget) = budget.map(|budget: u32| budget.min(max_tokens / 2))
        && budget >= MIN_THINKING
    {
        return Manner {
            thinking: Some(json!({"type": "enabled", "budget_tokens": budget})),
            ..Manner::default()
        };
    }
    Manner {
        temperature: params.temperature.map(|temperature| temperature.min(1.0)),
        // The newer ones of these refuse both together.
        top_p: params.top_p.filter(|_| params.temperature.is_none()),
        ..Manner::default()
    }
}

fn system(messages: &[ChatMessage]) -> Vec<Value> {
    messages
        .iter()
        .filter(|message| message.role == Role::System)
        .map(ChatMessage::joined_text)
        .filter(|text| !text.trim().is_empty())
        .map(|text| json!({"type": "text", "text": text}))
        .collect()
}

/// The turns. Neighbours of one role become one message, and the first is the user's, as the API
/// demands.
fn messages(request: &ChatRequest) -> Vec<WireMessage> {
    let question = question_index(&request.messages);
    let mut wire: Vec<WireMessage> = Vec::new();
    for (index, message) in request.messages.iter().enumerate() {
        let role = match message.role {
            Role::System => continue,
            Role::User | Role::Tool => "user",
            Role::Assistant => "assistant",
        };
        let mut content = Vec::new();
        if question == Some(index) {
            // The next turn starts with the same words up to here.
            if let Some(before) = wire.last_mut() {
                mark_cache_end(before);
            }
            content.extend(documents(request).map(document));
        }
        content.extend(message.content.iter().filter_map(block));
        if content.is_empty() {
            continue;
        }
        match wire.last_mut() {
            Some(last) if last.role == role => last.content.append(&mut content),
            None if role == "assistant" => {
                let gap = json!({"type": "text", "text": "(Earlier messages are left out.)"});
                wire.push(WireMessage { role: "user", content: vec![gap] });
                wire.push(WireMessage { role, content });
            }
            _ => wire.push(WireMessage { role, content }),
        }
    }
    wire
}

/// Asks the provider to keep everything up to the end of this message in its prompt cache.
fn mark_cache_end(message: &mut WireMessage) {
    let Some(Value::Object(block)) = message.content.last_mut() else { return };
    let kind = block.get("type").and_then(Value::as_str).unwrap_or_default();
    // Thinking cannot be marked.
    if matches!(kind, "text" | "tool_use" | "tool_result") {
        block.insert("cache_control".into(), json!({"type": "ephemeral"}));
    }
}

fn document(passage: &Passage) -> Value {
    let mut document = json!({
        "type": "document",
        "source": {"type": "text", "media_type": "text/plain", "data": passage.text.as_ref()},
        "title": passage.document,
        "citations": {"enabled": true},
    });
    // Read, but not cited from.
    if let Some(section) = passage.section() {
        document["context"] = format!("Section: {section}").into();
    }
    document
}

/// A piece as a block; none where the API would refuse it.
fn block(content: &Content) -> Option<Value> {
    match content {
        Content::Text(text) if text.trim().is_empty() => None,
        Content::Text(text) => Some(json!({"type": "text", "text": text.as_ref()})),
        Content::Reasoning { signature: None, .. } => None,
        Content::Reasoning { text, signature: Some(signature) } => {
            Some(match signature.strip_prefix(REDACTED) {
                Some(data) => json!({"type": "redacted_thinking", "data": data}),
                None => json!({"type": "thinking", "thinking": text.as_ref(),
                    "signature": signature.as_ref()}),
            })
        }
        Content::ToolCall { id, name, arguments } => {
            // The API wants an object, whatever the model wrote.
            let input = match serde_json::from_str(arguments) {
                Ok(Value::Object(object)) => Value::Object(object),
                _ if arguments.trim().is_empty() => json!({}),
                _ => json!({"malformed_arguments": arguments}),
            };
            Some(json!({"type": "tool_use", "id": id, "name": name, "input": input}))
        }
        Content::ToolResult { id, output, is_error } => Some(json!({
            "type": "tool_result", "tool_use_id": id, "content": output, "is_error": is_error,
        })),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::ToolSpec;

    fn json_for(model: &str, request: &ChatRequest) -> Value {
        let bytes = body(model, request, Some(32_000)).expect("serialises");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    fn user(text: &str) -> ChatMessage {
        ChatMessage::text(Role::User, text)
    }

    #[test]
    fn a_conversation_with_tools_and_thinking() {
        let request = ChatRequest {
            messages: vec![
                ChatMessage::text(Role::System, "Be kind."),
                user("1+1"),
                ChatMessage {
                    role: Role::Assistant,
                    content: vec![
                        Content::Reasoning { text: "unsigned".into(), signature: None },
                        Content::Reasoning { text: "hm".into(), signature: Some("sig".into()) },
                        Content::Reasoning {
                            text: "".into(),
                            signature: Some("redacted:xyz".into()),
                        },
                        Content::ToolCall {
                            id: "c1".into(),
                            name: "add".into(),
                            arguments: "{\"x\":1}".into(),
                        },
                        Content::ToolCall {
                            id: "c2".into(),
                            name: "add".into(),
                            arguments: "{".into(),
                        },
                    ],
                },
                ChatMessage {
                    role: Role::Tool,
                    content: vec![Content::ToolResult {
                        id: "c1".into(),
                        output: "2".into(),
                        is_error: false,
                    }],
                },
                user("Thanks"),
            ],
            tools: vec![ToolSpec {
                name: "add".into(),
                description: "Adds.".into(),
                parameters: json!({"type": "object"}),
            }],
            ..ChatRequest::default()
        };
        insta::assert_json_snapshot!(json_for("claude-sonnet-4-5", &request), @r#"
        {
          "max_tokens": 16384,
          "messages": [
            {
              "content": [
                {
                  "text": "1+1",
                  "type": "text"
                }
              ],
              "role": "user"
            },
            {
              "content": [
                {
                  "signature": "sig",
                  "thinking": "hm",
                  "type": "thinking"
                },
                {
                  "data": "xyz",
                  "type": "redacted_thinking"
                },
                {
                  "id": "c1",
                  "input": {
                    "x": 1
                  },
                  "name": "add",
                  "type": "tool_use"
                },
                {
                  "id": "c2",
                  "input": {
                    "malformed_arguments": "{"
                  },
                  "name": "add",
                  "type": "tool_use"
                }
              ],
              "role": "assistant"
            },
            {
              "content": [
                {
                  "cache_control": {
                    "type": "ephemeral"
                  },
                  "content": "2",
                  "is_error": false,
                  "tool_use_id": "c1",
                  "type": "tool_result"
                },
                {
                  "text": "Thanks",
                  "type": "text"
                }
              ],
              "role": "user"
            }
          ],
          "model": "claude-sonnet-4-5",
          "stream": true,
          "system": [
            {
              "text": "Be kind.",
              "type": "text"
            }
          ],
          "tools": [
            {
              "description": "Adds.",
              "input_schema": {
                "type": "object"
              },
              "name": "add"
            }
          ]
        }
        "#);
    }

    #[test]
    fn passages_are_documents_before_the_question() {
        let passage = |index, text: &str| Passage {
            index,
            document: "a.md".into(),
            headings: Vec::new(),
            text: text.into(),
            score: 1.0,
        };
        let request = ChatRequest {
            messages: vec![user("Old"), ChatMessage::text(Role::Assistant, "Yes"), user("Why?")],
            passages: Arc::new([passage(1, " "), passage(2, "Sky is blue.")]),
            ..ChatRequest::default()
        };
        let sent = json_for("claude-sonnet-4-5", &request);
        insta::assert_json_snapshot!(sent["messages"], @r#"
        [
          {
            "content": [
              {
                "text": "Old",
                "type": "text"
              }
            ],
            "role": "user"
          },
          {
            "content": [
              {
                "cache_control": {
                  "type": "ephemeral"
                },
                "text": "Yes",
                "type": "text"
              }
            ],
            "role": "assistant"
          },
          {
            "content": [
              {
                "citations": {
                  "enabled": true
                },
                "source": {
                  "data": "Sky is blue.",
                  "media_type": "text/plain",
                  "type": "text"
                },
                "title": "a.md",
                "type": "document"
              },
              {
                "text": "Why?",
                "type": "text"
              }
            ],
            "role": "user"
          }
        ]
        "#);
        assert_eq!(documents(&request).map(|p| p.index).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn the_first_message_is_the_users() {
        let request = ChatRequest {
            messages: vec![ChatMessage::text(Role::Assistant, "Hello"), user(" "), user("Hi")],
            ..ChatRequest::default()
        };
        let sent = json_for("claude-sonnet-4-5", &request);
        let roles: Vec<_> = sent["messages"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|message| message["role"].as_str())
            .collect();
        assert_eq!(roles, [Some("user"), Some("assistant"), Some("user")]);
    }

    #[test]
    fn models_differ_in_how_they_think() {
        let sent = |model: &str, params: Params| {
            let value = json_for(model, &ChatRequest { params, ..ChatRequest::default() });
            let mut map = value.as_object().expect("an object").clone();
            for known in ["model", "stream", "messages"] {
                map.remove(known);
            }
            Value::Object(map)
        };
        let warm = Params { temperature: Some(2.0), top_p: Some(0.5), ..Params::default() };
        let thinking = Params { reasoning_effort: Some(ReasoningEffort::High), ..warm.clone() };
        let short = Params { max_tokens: Some(100), ..thinking.clone() };
        assert_eq!(
            sent("claude-haiku-4-5", warm.clone()),
            json!({"max_tokens": 16_384, "temperature": 1.0})
        );
        assert_eq!(
            sent("claude-haiku-4-5", thinking.clone()),
            json!({"max_tokens": 16_384, "thinking": {"type": "enabled", "budget_tokens": 8_192}})
        );
        assert_eq!(sent("claude-haiku-4-5", short), json!({"max_tokens": 100, "temperature": 1.0}));
        assert_eq!(sent("claude-opus-5", warm), json!({"max_tokens": 16_384}));
        assert_eq!(
            sent("claude-opus-5", thinking),
            json!({"max_tokens": 16_384, "thinking": {"type": "adaptive"},
                "output_config": {"effort": "high"}})
        );
    }
}
