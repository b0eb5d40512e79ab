//! The request's JSON.

use serde::Serialize;
use vpaura_domain::Role;

use super::super::hosts::{Quirks, ReasoningField};
use crate::prompt::{question_index, render_passages};
use crate::{ChatMessage, ChatRequest, Content, LlmError};

/// OpenAI's models that think first: they refuse sampling parameters.
const REASONING_PREFIXES: [&str; 4] = ["o1", "o3", "o4", "gpt-5"];

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: Vec<WireMessage<'a>>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<WireTool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Reasoning>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
struct Reasoning {
    effort: &'static str,
}

#[derive(Serialize)]
struct WireTool<'a> {
    r#type: &'static str,
    function: WireFunction<'a>,
}

#[derive(Serialize)]
struct WireFunction<'a> {
    name: &'a str,
    description: &'a str,
    parameters: &'a serde_json::Value,
}

#[derive(Serialize)]
struct WireMessage<'a> {
    role: &'static str,
    content: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<WireToolCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a str>,
}

#[derive(Serialize)]
struct WireToolCall<'a> {
    id: &'a str,
    r#type: &'static str,
    function: WireCalled<'a>,
}

#[derive(Serialize)]
struct WireCalled<'a> {
    name: &'a str,
    arguments: &'a str,
}

/// The JSON that asks `model` for a stream. `max_output` is the model's own limit.
pub(super) fn body(
    model: &str,
    request: &ChatRequest,
    quirks: &Quirks,
    max_output: Option<u32>,
) -> Result<Vec<u8>, LlmError> {
    let params = &request.params;
    let thinks =
        quirks.strict_sampling && REASONING_PREFIXES.iter().any(|prefix| model.starts_with(prefix));
    let effort = params.reasoning_effort.map(crate::ReasoningEffort::as_str);
    let limit = params.max_tokens.map(|max| max.min(max_output.unwrap_or(max)));
    let new_name = quirks.max_tokens == "max_completion_tokens";
    let body = Body {
        model,
        messages: messages(request),
        stream: true,
        stream_options: quirks.usage_option.then_some(StreamOptions { include_usage: true }),
        tools: request
            .tools
            .iter()
            .map(|tool| WireTool {
                r#type: "function",
                function: WireFunction {
                    name: &tool.name,
                    description: &tool.description,
                    parameters: &tool.parameters,
                },
            })
            .collect(),
        temperature: params.temperature.filter(|_| !thinks),
        top_p: params.top_p.filter(|_| !thinks),
        max_tokens: limit.filter(|_| !new_name),
        max_completion_tokens: limit.filter(|_| new_name),
        stop: if thinks { &[] } else { &params.stop },
        reasoning_effort: effort
            .filter(|_| quirks.reasoning == ReasoningField::Effort)
            // OpenAI's models that do not think refuse the field.
            .filter(|_| thinks || !quirks.strict_sampling),
        reasoning: effort
            .filter(|_| quirks.reasoning == ReasoningField::Object)
            .map(|effort| Reasoning { effort }),
    };
    serde_json::to_vec(&body)
        .map_err(|error| LlmError::BadRequest { detail: format!("cannot be written: {error}") })
}

fn messages(request: &ChatRequest) -> Vec<WireMessage<'_>> {
    let question = question_index(&request.messages).filter(|_| !request.passages.is_empty());
    let mut wire = Vec::with_capacity(request.messages.len());
    for (index, message) in request.messages.iter().enumerate() {
        let sources = (question == Some(index)).then(|| render_passages(&request.passages));
        push_message(message, sources, &mut wire);
    }
    wire
}

/// One of our messages is one of theirs, and one more for each tool result.
fn push_message<'a>(
    message: &'a ChatMessage,
    sources: Option<String>,
    wire: &mut Vec<WireMessage<'a>>,
) {
    let mut text = sources.unwrap_or_default();
    let mut tool_calls = Vec::new();
    for content in &message.content {
        match content {
            Content::Text(words) => text.push_str(words),
            // These hosts take no reasoning back.
            Content::Reasoning { .. } => {}
            Content::ToolCall { id, name, arguments } => tool_calls.push(WireToolCall {
                id,
                r#type: "function",
                function: WireCalled { name, arguments },
            }),
            Content::ToolResult { id, output, is_error } => wire.push(WireMessage {
                role: "tool",
                content: Some(if *is_error { format!("Error: {output}") } else { output.clone() }),
                tool_calls: Vec::new(),
                tool_call_id: Some(id),
            }),
        }
    }
    let role = match message.role {
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::System => "system",
        // Its results are written above; words beside them would have no call to belong to.
        Role::Tool => return,
    };
    if text.is_empty() && tool_calls.is_empty() {
        return;
    }
    let content = (!text.is_empty()).then_some(text);
    wire.push(WireMessage { role, content, tool_calls, tool_call_id: None });
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::*;
    use crate::providers::hosts::{Dialect, hosts};
    use crate::{Params, Passage, ReasoningEffort, ToolSpec};

    fn json_for(host: &str, model: &str, request: &ChatRequest) -> Value {
        let host = hosts().iter().find(|row| row.name == host).expect("a row");
        let Dialect::OpenAi(quirks) = host.dialect else { panic!("another dialect") };
        let bytes = body(model, request, &quirks, Some(1_000)).expect("serialises");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    fn full_params() -> Params {
        Params {
            temperature: Some(0.5),
            top_p: Some(0.25),
            max_tokens: Some(5_000),
            stop: vec!["END".into()],
            reasoning_effort: Some(ReasoningEffort::Low),
        }
    }

    #[test]
    fn a_plain_question() {
        let request = ChatRequest {
            messages: vec![
                ChatMessage::text(Role::System, "Be kind."),
                ChatMessage::text(Role::User, "Hi"),
            ],
            ..ChatRequest::default()
        };
        insta::assert_json_snapshot!(json_for("openai", "gpt-4o", &request), @r#"
        {
          "messages": [
            {
              "content": "Be kind.",
              "role": "system"
            },
            {
              "content": "Hi",
              "role": "user"
            }
          ],
          "model": "gpt-4o",
          "stream": true,
          "stream_options": {
            "include_usage": true
          }
        }
        "#);
    }

    #[test]
    fn hosts_differ_in_their_parameters() {
        let request = ChatRequest { params: full_params(), ..ChatRequest::default() };
        let sent = |host: &str, model: &str| {
            let mut value = json_for(host, model, &request);
            let map = value.as_object_mut().expect("an object");
            for known in ["messages", "model", "stream"] {
                map.remove(known);
            }
            value
        };
        let usage = json!({"include_usage": true});
        assert_eq!(
            sent("openai", "gpt-4o"),
            json!({"temperature": 0.5, "top_p": 0.25, "max_completion_tokens": 1_000,
                "stop": ["END"], "stream_options": usage})
        );
        assert_eq!(
            sent("openai", "o4-mini"),
            json!({"max_completion_tokens": 1_000, "reasoning_effort": "low",
                "stream_options": usage})
        );
        assert_eq!(
            sent("mistral", "m"),
            json!({"temperature": 0.5, "top_p": 0.25, "max_tokens": 1_000, "stop": ["END"]})
        );
        assert_eq!(
            sent("openrouter", "openai/o3"),
            json!({"temperature": 0.5, "top_p": 0.25, "max_tokens": 1_000, "stop": ["END"],
                "reasoning": {"effort": "low"}, "stream_options": usage})
        );
    }

    #[test]
    fn tools_their_calls_and_their_results() {
        let call = Content::ToolCall { id: "c1".into(), name: "add".into(), arguments: "{".into() };
        let result = |output: &str, is_error| Content::ToolResult {
            id: "c1".into(),
            output: output.into(),
            is_error,
        };
        let request = ChatRequest {
            messages: vec![
                ChatMessage::text(Role::User, "1+1"),
                ChatMessage {
                    role: Role::Assistant,
                    content: vec![Content::Reasoning { text: "hm".into(), signature: None }, call],
                },
                ChatMessage {
                    role: Role::Tool,
                    content: vec![result("2", false), result("x", true)],
                },
            ],
            tools: vec![ToolSpec {
                name: "add".into(),
                description: "Adds.".into(),
                parameters: json!({"type": "object"}),
            }],
            ..ChatRequest::default()
        };
        let sent = json_for("openai", "gpt-4o", &request);
        insta::assert_json_snapshot!(sent["messages"], @r#"
        [
          {
            "content": "1+1",
            "role": "user"
          },
          {
            "content": null,
            "role": "assistant",
            "tool_calls": [
              {
                "function": {
                  "arguments": "{",
                  "name": "add"
                },
                "id": "c1",
                "type": "function"
              }
            ]
          },
          {
            "content": "2",
            "role": "tool",
            "tool_call_id": "c1"
          },
          {
            "content": "Error: x",
            "role": "tool",
            "tool_call_id": "c1"
          }
        ]
        "#);
        assert_eq!(
            sent["tools"],
            json!([{"type": "function", "function":
                {"name": "add", "description": "Adds.", "parameters": {"type": "object"}}}])
        );
    }

    #[test]
    fn passages_stand_in_the_last_user_message_and_change_nothing_before_it() {
        let mut request = ChatRequest {
            messages: vec![
                ChatMessage::text(Role::User, "Old"),
                ChatMessage::text(Role::Assistant, "Answer"),
                ChatMessage::text(Role::User, "New?"),
            ],
            ..ChatRequest::default()
        };
        let before = json_for("openai", "gpt-4o", &request);
        request.passages = Arc::new([Passage {
            index: 1,
            document: "a.md".into(),
            headings: Vec::new(),
            text: "Sky is blue.".into(),
            score: 1.0,
        }]);
        let with = json_for("openai", "gpt-4o", &request);
        for index in 0..2 {
            assert_eq!(before["messages"][index], with["messages"][index]);
        }
        let last = with["messages"][2]["content"].as_str().expect("text");
        assert!(last.contains("Sky is blue.") && last.ends_with("New?"), "{last}");
    }
}
