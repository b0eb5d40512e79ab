//! From chunks to model events.

use std::collections::VecDeque;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::super::decode::Decoder;
use super::super::failure::Complaint;
use super::chunk::{Choice, Chunk, Delta, ToolCallDelta};
use crate::citations::CitationFinder;
use crate::wire_text::Joiner;
use crate::{LlmError, ModelEvent, SseEvent, StopReason, TokenUsage};

/// More calls than this in one answer break the protocol.
const MAX_TOOL_CALLS: usize = 128;

/// What is known of the answer so far.
pub(in crate::providers) struct OpenAiDecoder {
    finder: CitationFinder,
    key: Option<SecretString>,
    text: Joiner,
    reasoning: Joiner,
    calls: Vec<Call>,
    /// Whether the answer has any text.
    has_text: bool,
    /// Kept until the end: the usage comes after the reason, and the stop must be last.
    stop: Option<StopReason>,
    usage: Option<TokenUsage>,
    done: bool,
}

/// A tool call begun.
struct Call {
    wire_index: u32,
    id: String,
    arguments: Joiner,
}

impl OpenAiDecoder {
    pub(in crate::providers) fn new(
        passages: impl IntoIterator<Item = u32>,
        key: Option<SecretString>,
    ) -> Self {
        Self {
            finder: CitationFinder::new(passages),
            key,
            text: Joiner::default(),
            reasoning: Joiner::default(),
            calls: Vec::new(),
            has_text: false,
            stop: None,
            usage: None,
            done: false,
        }
    }

    fn choice(
        &mut self,
        choice: Choice<'_>,
        out: &mut VecDeque<ModelEvent>,
    ) -> Result<(), LlmError> {
        if let Some(delta) = choice.delta {
            self.delta(delta, out)?;
        }
        if let Some(reason) = choice.finish_reason.filter(|reason| !reason.is_empty()) {
            if reason == "error" {
                return Err(LlmError::incomplete("the provider ended the answer with an error"));
            }
            self.stop = Some(stop_reason(&reason));
        }
        Ok(())
    }

    fn delta(&mut self, delta: Delta<'_>, out: &mut VecDeque<ModelEvent>) -> Result<(), LlmError> {
        let content = delta.content.unwrap_or_default();
        // A host that fills both reasoning fields writes the same into both.
        let reasoning = delta.reasoning_content.filter(|text| !text.is_empty()).or(delta.reasoning);
        for piece in reasoning.iter().chain(&content.reasoning) {
            if let Some(text) = self.reasoning.push(piece) {
                out.push_back(ModelEvent::Reasoning { text, signature: None });
            }
        }
        for piece in content.text.iter().chain(&delta.refusal) {
            let text = self.text.push(piece);
            self.say(text, out);
        }
        for call in delta.tool_calls.unwrap_or_default() {
            self.tool_call(&call, out)?;
        }
        Ok(())
    }

    fn say(&mut self, text: Option<Arc<str>>, out: &mut VecDeque<ModelEvent>) {
        let Some(text) = text else { return };
        self.has_text = true;
        let cited = self.finder.read(&text);
        out.push_back(ModelEvent::Text(text));
        out.extend(cited.into_iter().map(|passage| ModelEvent::Citation { passage }));
    }

    fn tool_call(
        &mut self,
        delta: &ToolCallDelta<'_>,
        out: &mut VecDeque<ModelEvent>,
    ) -> Result<(), LlmError> {
        let place = match self.find_call(delta) {
            Some(place) => place,
            None => self.start_call(delta, out)?,
        };
        let arguments = delta.function.as_ref().and_then(|function| function.arguments.as_ref());
        if let (Some(call), Some(piece)) = (self.calls.get_mut(place), arguments)
            && let Some(arguments) = call.arguments.push(piece)
        {
            out.push_back(ModelEvent::ToolCallDelta { index: as_index(place), arguments });
        }
        Ok(())
    }

    /// The call a delta belongs to. By the protocol that is told by the index alone; but some
    /// hosts send several whole calls under one index, each with its own id.
    fn find_call(&self, delta: &ToolCallDelta<'_>) -> Option<usize> {
        let id = delta.id.as_deref().unwrap_or_default();
        match delta.index {
            Some(index) => self
                .calls
                .iter()
                .rposition(|call| call.wire_index == index && (id.is_empty() || call.id == id)),
            // Without an index: a new id begins a call, anything else continues the last.
            None if id.is_empty() => self.calls.len().checked_sub(1),
            None => self.calls.iter().rposition(|call| call.id == id),
        }
    }

    fn start_call(
        &mut self,
        delta: &ToolCallDelta<'_>,
        out: &mut VecDeque<ModelEvent>,
    ) -> Result<usize, LlmError> {
        let place = self.calls.len();
        if place >= MAX_TOOL_CALLS {
            return Err(LlmError::protocol(format!("more than {MAX_TOOL_CALLS} tool calls")));
        }
        let index = as_index(place);
        let id = match delta.id.as_deref() {
            Some(id) if !id.is_empty() => id.to_owned(),
            _ => format!("call_{index}"),
        };
        let name = delta.function.as_ref().and_then(|function| function.name.as_deref());
        out.push_back(ModelEvent::ToolCallStart {
            index,
            id: id.clone(),
            name: name.unwrap_or_default().to_owned(),
        });
        let wire_index = delta.index.unwrap_or(index);
        self.calls.push(Call { wire_index, id, arguments: Joiner::default() });
        Ok(place)
    }
}

impl Decoder for OpenAiDecoder {
    fn event(
        &mut self,
        event: &SseEvent<'_>,
        out: &mut VecDeque<ModelEvent>,
    ) -> Result<(), LlmError> {
        let data = event.data.trim();
        if data == "[DONE]" {
            self.done = true;
            return Ok(());
        }
        if data.is_empty() {
            return Ok(());
        }
        let chunk: Chunk<'_> = serde_json::from_str(data).map_err(|error| {
            // The position, not the text: that may be the user's.
            LlmError::protocol(format!("malformed JSON in a chunk, {:?} error", error.classify()))
        })?;
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            let key = self.key.as_ref().map(ExposeSecret::expose_secret);
            return Err(Complaint::from_value(&serde_json::json!({ "error": error }))
                .judge(None, None, key));
        }
        // One choice is asked for; a second one would be another answer.
        if let Some(choice) = chunk.choices.unwrap_or_default().into_iter().next() {
            self.choice(choice, out)?;
        }
        if let Some(usage) = chunk.usage {
            let tokens = usage.tokens();
            if self.usage != Some(tokens) {
                self.usage = Some(tokens);
                out.push_back(ModelEvent::Usage(tokens));
            }
        }
        Ok(())
    }

    fn end(&mut self, out: &mut VecDeque<ModelEvent>) -> Result<(), LlmError> {
        let rest = self.text.finish();
        self.say(rest, out);
        for (place, call) in self.calls.iter_mut().enumerate() {
            if let Some(arguments) = call.arguments.finish() {
                out.push_back(ModelEvent::ToolCallDelta { index: as_index(place), arguments });
            }
        }
        // Some hosts mark the end but give no reason. A stream that just ends was cut.
        let unsaid = self.done && (self.has_text || !self.calls.is_empty());
        let Some(stop) = self.stop.or_else(|| unsaid.then_some(StopReason::End)) else {
            return Err(LlmError::incomplete("the stream ended without a finish reason"));
        };
        // Some hosts say "stop" although they wait for tools.
        let stop = match stop {
            StopReason::End if !self.calls.is_empty() => StopReason::ToolCalls,
            stop => stop,
        };
        out.push_back(ModelEvent::Stop(stop));
        Ok(())
    }

    fn is_done(&self) -> bool {
        self.done
    }
}

fn stop_reason(reason: &str) -> StopReason {
    match reason {
        "length" | "max_tokens" | "model_length" => StopReason::Length,
        "tool_calls" | "function_call" => StopReason::ToolCalls,
        "content_filter" => StopReason::Refusal,
        _ => StopReason::End,
    }
}

fn as_index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ErrorKind;

    /// The events of these chunks, and how the answer ended.
    fn decode(chunks: &[serde_json::Value]) -> (Vec<ModelEvent>, Result<(), LlmError>) {
        let lines: Vec<String> = chunks.iter().map(ToString::to_string).collect();
        decode_lines(&lines.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn decode_lines(lines: &[&str]) -> (Vec<ModelEvent>, Result<(), LlmError>) {
        let mut decoder = OpenAiDecoder::new(1..=2, None);
        let mut out = VecDeque::new();
        let result = lines
            .iter()
            .try_for_each(|line| {
                let event = SseEvent { name: "".into(), data: (*line).into() };
                decoder.event(&event, &mut out)
            })
            .and_then(|()| decoder.end(&mut out));
        (out.into(), result)
    }

    fn delta(delta: serde_json::Value) -> serde_json::Value {
        json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]})
    }

    fn finish(reason: &str) -> serde_json::Value {
        json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
    }

    fn text(text: &str) -> ModelEvent {
        ModelEvent::Text(text.into())
    }

    #[test]
    fn text_citations_usage_and_the_stop_last() {
        let usage = json!({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 4,
            "total_tokens": 13, "prompt_tokens_details": {"cached_tokens": 5}}});
        let (events, result) = decode(&[
            delta(json!({"role": "assistant", "content": ""})),
            delta(json!({"content": "Sky ["})),
            delta(json!({"content": "2]."})),
            finish("stop"),
            usage,
        ]);
        assert_eq!(result, Ok(()));
        let tokens = TokenUsage { input: 9, output: 4, cached: 5, cache_written: 0 };
        assert_eq!(
            events,
            vec![
                text("Sky ["),
                text("2]."),
                ModelEvent::Citation { passage: 2 },
                ModelEvent::Usage(tokens),
                ModelEvent::Stop(StopReason::End),
            ]
        );
    }

    #[test]
    fn reasoning_by_any_name() {
        let (events, _) = decode(&[
            delta(json!({"reasoning_content": "a", "reasoning": "a"})),
            delta(json!({"reasoning": "b", "content": null})),
            delta(
                json!({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "c"}]},
                {"type": "text", "text": "d"}]}),
            ),
        ]);
        let thought = |text: &str| ModelEvent::Reasoning { text: text.into(), signature: None };
        assert_eq!(events, vec![thought("a"), thought("b"), thought("c"), text("d")]);
    }

    #[test]
    fn tool_calls_come_in_pieces() {
        let call = |index: u32, id: Option<&str>, name: Option<&str>, arguments: &str| {
            delta(json!({"tool_calls": [{"index": index, "id": id,
                "function": {"name": name, "arguments": arguments}}]}))
        };
        let (events, result) = decode(&[
            call(0, Some("a"), Some("add"), ""),
            call(0, None, None, "{\"x\":"),
            call(0, None, None, "1}"),
            call(1, None, Some("sub"), "{}"),
            finish("stop"),
        ]);
        assert_eq!(result, Ok(()));
        let start = |index, id: &str, name: &str| ModelEvent::ToolCallStart {
            index,
            id: id.into(),
            name: name.into(),
        };
        let piece = |index, text: &str| ModelEvent::ToolCallDelta { index, arguments: text.into() };
        assert_eq!(
            events,
            vec![
                start(0, "a", "add"),
                piece(0, "{\"x\":"),
                piece(0, "1}"),
                start(1, "call_1", "sub"),
                piece(1, "{}"),
                ModelEvent::Stop(StopReason::ToolCalls),
            ]
        );
    }

    #[test]
    fn whole_calls_under_one_index_are_told_apart_by_their_ids() {
        let call = |id: &str| {
            delta(json!({"tool_calls": [{"index": 0, "id": id,
                "function": {"name": "f", "arguments": "{}"}}]}))
        };
        let (events, _) = decode(&[call("a"), call("b")]);
        let starts = events.iter().filter(|e| matches!(e, ModelEvent::ToolCallStart { .. }));
        assert_eq!(starts.count(), 2);
    }

    #[test]
    fn too_many_calls_are_refused() {
        let calls: Vec<_> = (0..1_000)
            .map(|i| delta(json!({"tool_calls": [{"index": i, "function": {"name": "f"}}]})))
            .collect();
        assert_eq!(decode(&calls).1.map_err(|e| e.kind()), Err(ErrorKind::Protocol));
    }

    #[test]
    fn reasoning_left_out_of_the_completion_is_counted_from_the_total() {
        let usage = json!({"choices": null, "usage":
            {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 20,
             "prompt_cache_hit_tokens": 4}});
        let (events, _) = decode(&[usage]);
        let tokens = TokenUsage { input: 10, output: 10, cached: 4, cache_written: 0 };
        assert_eq!(events, vec![ModelEvent::Usage(tokens)]);
    }

    #[test]
    fn what_is_not_whole_is_an_error() {
        let kind = |lines: &[&str]| decode_lines(lines).1.map_err(|e| e.kind());
        assert_eq!(kind(&[]), Err(ErrorKind::Incomplete));
        assert_eq!(
            kind(&[r#"{"choices":[{"delta":{"content":"a"}}]}"#]),
            Err(ErrorKind::Incomplete)
        );
        assert_eq!(kind(&["{"]), Err(ErrorKind::Protocol));
        assert_eq!(kind(&[r#"{"choices":"x"}"#]), Err(ErrorKind::Protocol));
        assert_eq!(
            kind(&[r#"{"error":{"message":"x","type":"server_error"}}"#]),
            Err(ErrorKind::Unavailable)
        );
        assert_eq!(
            kind(&[r#"{"choices":[{"delta":{},"finish_reason":"error"}]}"#]),
            Err(ErrorKind::Incomplete)
        );
    }

    #[test]
    fn the_end_mark_is_reason_enough_for_an_answer_that_has_something() {
        let said = r#"{"choices":[{"delta":{"content":"a"}}]}"#;
        let (events, result) = decode_lines(&[said, "[DONE]"]);
        assert_eq!(result, Ok(()));
        assert_eq!(events, vec![text("a"), ModelEvent::Stop(StopReason::End)]);
        let called = r#"{"choices":[{"delta":{"tool_calls":
            [{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]}}]}"#;
        let (events, result) = decode_lines(&[called, "[DONE]"]);
        assert_eq!(result, Ok(()));
        assert_eq!(events.last(), Some(&ModelEvent::Stop(StopReason::ToolCalls)));
        let thought = r#"{"choices":[{"delta":{"reasoning":"a"}}]}"#;
        for nothing in [&["[DONE]"][..], &[thought, "[DONE]"]] {
            let kind = decode_lines(nothing).1.map_err(|error| error.kind());
            assert_eq!(kind, Err(ErrorKind::Incomplete), "{nothing:?}");
        }
    }

    #[test]
    fn a_character_cut_between_chunks_stays_whole() {
        let (events, _) = decode_lines(&[
            r#"{"choices":[{"delta":{"content":"a\ud83e"}}]}"#,
            r#"{"choices":[{"delta":{"content":"\udd80"},"finish_reason":"stop"}]}"#,
        ]);
        assert_eq!(events, vec![text("a"), text("🦀"), ModelEvent::Stop(StopReason::End)]);
    }

    #[test]
    fn stop_reasons() {
        for (word, reason) in [
            ("stop", StopReason::End),
            ("length", StopReason::Length),
            ("content_filter", StopReason::Refusal),
            ("tool_calls", StopReason::ToolCalls),
        ] {
            assert_eq!(decode(&[finish(word)]).0, vec![ModelEvent::Stop(reason)]);
        }
    }
}
