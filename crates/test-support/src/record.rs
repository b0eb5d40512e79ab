//! What the scripted provider was asked.

use http::HeaderMap;
use serde_json::Value;

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct RecordedRequest {
    /// The method.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; null when there is none.
    pub body: Value,
    /// Counts the connections of the server from 0: requests that share one share the number.
    pub connection: usize,
}

impl RecordedRequest {
    /// A header as text; empty when absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The text of the last user message, in either dialect.
    pub fn last_user_text(&self) -> String {
        let last = self.messages().rfind(|message| message["role"] == "user");
        last.map(|message| text_of(&message["content"])).unwrap_or_default()
    }

    /// What the tool gave, in either dialect, when that is what the model is to answer now.
    pub fn tool_result(&self) -> Option<String> {
        let last = self.messages().next_back()?;
        if last["role"] == "tool" {
            return Some(text_of(&last["content"]));
        }
        let part = last["content"].as_array()?.iter().find(|part| part["type"] == "tool_result")?;
        Some(text_of(&part["content"]))
    }

    fn messages(&self) -> impl DoubleEndedIterator<Item = &Value> {
        self.body.get("messages").and_then(Value::as_array).into_iter().flatten()
    }
}

/// Text that is given as such or in parts.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}
