//! From the events of a message to model events.

use std::collections::VecDeque;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::super::decode::Decoder;
use super::super::failure::Complaint;
use super::event::{Block, Delta, Event};
use super::request::REDACTED;
use crate::citations::CitationFinder;
use crate::wire_text::{Joiner, WireText};
use crate::{LlmError, ModelEvent, SseEvent, StopReason, TokenUsage};

/// What is known of the answer so far.
pub(in crate::providers) struct AnthropicDecoder {
    /// The passages' numbers, in the order of the documents sent.
    documents: Vec<u32>,
    /// Looks for marks of passages that are no documents of the request, but stand in tool results.
    found: CitationFinder,
    key: Option<SecretString>,
    block: OpenBlock,
    /// The text of the block at hand.
    text: Joiner,
    /// White space at the end of the text so far. It waits, because a citation's mark belongs
    /// before it.
    space: String,
    /// The passages that the block at hand cites.
    block_cites: Vec<u32>,
    /// The passages that the answer cites.
    cited: Vec<u32>,
    tool_calls: u32,
    usage: TokenUsage,
    stop: Option<StopReason>,
    done: bool,
}

/// The block at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OpenBlock {
    None,
    Text,
    Thinking,
    Tool { index: u32, has_arguments: bool },
}

impl AnthropicDecoder {
    pub(in crate::providers) fn new(
        documents: impl IntoIterator<Item = u32>,
        found: impl IntoIterator<Item = u32>,
        key: Option<SecretString>,
    ) -> Self {
        Self {
            documents: documents.into_iter().collect(),
            found: CitationFinder::new(found),
            key,
            block: OpenBlock::None,
            text: Joiner::default(),
            space: String::new(),
            block_cites: Vec::new(),
            cited: Vec::new(),
            tool_calls: 0,
            usage: TokenUsage::default(),
            stop: None,
            done: false,
        }
    }

    fn start_block(&mut self, block: &Block<'_>, out: &mut VecDeque<ModelEvent>) {
        // Its stop may have been lost.
        self.stop_block(out);
        match block.r#type.as_ref() {
            "text" => {
                self.block = OpenBlock::Text;
                self.say(block.text.as_ref(), out);
            }
            "thinking" => {
                self.block = OpenBlock::Thinking;
                self.think(block.thinking.as_ref(), out);
            }
            "redacted_thinking" => {
                let signature = format!("{REDACTED}{}", block.data.as_deref().unwrap_or_default());
                let signature = Some(signature.into());
                out.push_back(ModelEvent::Reasoning { text: "".into(), signature });
            }
            "tool_use" => {
                let index = self.tool_calls;
                self.tool_calls += 1;
                self.block = OpenBlock::Tool { index, has_arguments: false };
                out.push_back(ModelEvent::ToolCallStart {
                    index,
                    id: block.id.as_deref().map_or_else(|| format!("call_{index}"), Into::into),
                    name: block.name.as_deref().unwrap_or_default().to_owned(),
                });
            }
            _ => {}
        }
    }

    fn delta(&mut self, delta: &Delta<'_>, out: &mut VecDeque<ModelEvent>) {
        match self.block {
            OpenBlock::Text => {
                self.say(delta.text.as_ref(), out);
                let document = delta.citation.as_ref().and_then(|citation| citation.document_index);
                if let Some(&passage) = document.and_then(|index| self.documents.get(index))
                    && !self.block_cites.contains(&passage)
                {
                    self.block_cites.push(passage);
                }
            }
            OpenBlock::Thinking => {
                self.think(delta.thinking.as_ref(), out);
                if let Some(signature) = &delta.signature {
                    let signature = Some(signature.as_ref().into());
                    out.push_back(ModelEvent::Reasoning { text: "".into(), signature });
                }
            }
            OpenBlock::Tool { index, .. } => {
                let piece = delta.partial_json.as_ref().and_then(|piece| self.text.push(piece));
                if let Some(arguments) = piece {
                    self.block = OpenBlock::Tool { index, has_arguments: true };
                    out.push_back(ModelEvent::ToolCallDelta { index, arguments });
                }
            }
            OpenBlock::None => {}
        }
    }

    fn stop_block(&mut self, out: &mut VecDeque<ModelEvent>) {
        let rest = self.text.finish();
        match std::mem::replace(&mut self.block, OpenBlock::None) {
            OpenBlock::Text => {
                if let Some(rest) = rest {
                    self.put_text(&rest, out);
                    self.find_marks(&rest, out);
                }
                self.cite(out);
                if !self.space.is_empty() {
                    out.push_back(ModelEvent::Text(std::mem::take(&mut self.space).into()));
                }
            }
            OpenBlock::Thinking => {
                out.extend(rest.map(|text| ModelEvent::Reasoning { text, signature: None }));
            }
            // A call without arguments is a call with an empty object.
            OpenBlock::Tool { index, has_arguments: false } => {
                out.push_back(ModelEvent::ToolCallDelta { index, arguments: "{}".into() });
            }
            OpenBlock::Tool { index, has_arguments: true } => {
                out.extend(rest.map(|arguments| ModelEvent::ToolCallDelta { index, arguments }));
            }
            OpenBlock::None => {}
        }
    }

    fn say(&mut self, piece: Option<&WireText<'_>>, out: &mut VecDeque<ModelEvent>) {
        let Some(text) = piece.and_then(|piece| self.text.push(piece)) else { return };
        if self.documents.is_empty() {
            out.push_back(ModelEvent::Text(Arc::clone(&text)));
        } else {
            self.put_text(&text, out);
        }
        self.find_marks(&text, out);
    }

    fn find_marks(&mut self, text: &str, out: &mut VecDeque<ModelEvent>) {
        let cited = self.found.read(text);
        out.extend(cited.into_iter().map(|passage| ModelEvent::Citation { passage }));
    }

    /// Puts out text but for the white space at its end.
    fn put_text(&mut self, text: &str, out: &mut VecDeque<ModelEvent>) {
        let words = text.trim_end();
        if !words.is_empty() {
            let mut whole = std::mem::take(&mut self.space);
            whole.push_str(words);
            out.push_back(ModelEvent::Text(whole.into()));
        }
        self.space.push_str(text.get(words.len()..).unwrap_or_default());
    }

    fn think(&mut self, piece: Option<&WireText<'_>>, out: &mut VecDeque<ModelEvent>) {
        let text = piece.and_then(|piece| self.text.push(piece));
        out.extend(text.map(|text| ModelEvent::Reasoning { text, signature: None }));
    }

    /// Writes the marks of the block's citations, as models without native citations do.
    fn cite(&mut self, out: &mut VecDeque<ModelEvent>) {
        for passage in std::mem::take(&mut self.block_cites) {
            let mark: Arc<str> = format!(" [{passage}]").into();
            out.push_back(ModelEvent::Text(mark));
            if !self.cited.contains(&passage) {
                self.cited.push(passage);
                out.push_back(ModelEvent::Citation { passage });
            }
        }
    }

    fn note_usage(
        &mut self,
        usage: Option<&super::event::WireUsage>,
        out: &mut VecDeque<ModelEvent>,
    ) {
        if let Some(usage) = usage {
            usage.update(&mut self.usage);
            out.push_back(ModelEvent::Usage(self.usage));
        }
    }
}

impl Decoder for AnthropicDecoder {
    fn event(
        &mut self,
        event: &SseEvent<'_>,
        out: &mut VecDeque<ModelEvent>,
    ) -> Result<(), LlmError> {
        if event.data.trim().is_empty() {
            return Ok(());
        }
        let event: Event<'_> = serde_json::from_str(&event.data).map_err(|error| {
            // The kind, not the text: that may be the user's.
            LlmError::protocol(format!("malformed JSON in an event, {:?} error", error.classify()))
        })?;
        match event.r#type.as_ref() {
            "message_start" => {
                let usage = event.message.and_then(|message| message.usage);
                self.note_usage(usage.as_ref(), out);
            }
            "content_block_start" => {
                if let Some(block) = &event.content_block {
                    self.start_block(block, out);
                }
            }
            "content_block_delta" => {
                if let Some(delta) = &event.delta {
                    self.delta(delta, out);
                }
            }
            "content_block_stop" => self.stop_block(out),
            "message_delta" => {
                if let Some(reason) = event.delta.and_then(|delta| delta.stop_reason) {
                    self.stop = Some(stop_reason(&reason));
                }
                self.note_usage(event.usage.as_ref(), out);
            }
            "message_stop" => self.done = true,
            "error" => {
                let error = serde_json::json!({ "error": event.error });
                let key = self.key.as_ref().map(ExposeSecret::expose_secret);
                return Err(Complaint::from_value(&error).judge(None, None, key));
            }
            // Pings, and what later versions add.
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, out: &mut VecDeque<ModelEvent>) -> Result<(), LlmError> {
        self.stop_block(out);
        let stop = self
            .stop
            .ok_or_else(|| LlmError::incomplete("the stream ended without a stop reason"))?;
        out.push_back(ModelEvent::Stop(stop));
        Ok(())
    }

    fn is_done(&self) -> bool {
        self.done
    }
}

fn stop_reason(reason: &str) -> StopReason {
    match reason {
        "max_tokens" | "model_context_window_exceeded" => StopReason::Length,
        "tool_use" => StopReason::ToolCalls,
        "refusal" => StopReason::Refusal,
        _ => StopReason::End,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::ErrorKind;

    fn decode(documents: &[u32], events: &[Value]) -> (Vec<ModelEvent>, Result<(), LlmError>) {
        let mut decoder = AnthropicDecoder::new(documents.iter().copied(), [12], None);
        let mut out = VecDeque::new();
        let result = events
            .iter()
            .try_for_each(|event| {
                let data = event.to_string();
                let event = SseEvent { name: "".into(), data: data.as_str().into() };
                decoder.event(&event, &mut out)
            })
            .and_then(|()| decoder.end(&mut out));
        (out.into(), result)
    }

    fn start(block: Value) -> Value {
        json!({"type": "content_block_start", "index": 0, "content_block": block})
    }

    fn delta(delta: Value) -> Value {
        json!({"type": "content_block_delta", "index": 0, "delta": delta})
    }

    fn stop() -> Value {
        json!({"type": "content_block_stop", "index": 0})
    }

    fn end(reason: &str) -> Value {
        json!({"type": "message_delta", "delta": {"stop_reason": reason}})
    }

    fn text(text: &str) -> ModelEvent {
        ModelEvent::Text(text.into())
    }

    #[test]
    fn a_whole_message_with_usage() {
        let (events, result) = decode(
            &[],
            &[
                json!({"type": "message_start", "message": {"usage": {"input_tokens": 10,
                    "cache_read_input_tokens": 30, "cache_creation_input_tokens": 5,
                    "output_tokens": 1}}}),
                start(json!({"type": "text", "text": ""})),
                json!({"type": "ping"}),
                json!({"type": "brand_new_event", "delta": {"text": "no"}}),
                delta(json!({"type": "text_delta", "text": "Hello "})),
                stop(),
                json!({"type": "message_delta", "delta": {"stop_reason": "max_tokens"},
                    "usage": {"output_tokens": 7}}),
                json!({"type": "message_stop"}),
            ],
        );
        assert_eq!(result, Ok(()));
        let usage = |output| TokenUsage { input: 45, output, cached: 30, cache_written: 5 };
        assert_eq!(
            events,
            vec![
                ModelEvent::Usage(usage(1)),
                text("Hello "),
                ModelEvent::Usage(usage(7)),
                ModelEvent::Stop(StopReason::Length),
            ]
        );
    }

    #[test]
    fn marks_of_what_tools_found_are_citations() {
        let (events, _) = decode(
            &[4],
            &[
                start(json!({"type": "text", "text": ""})),
                delta(json!({"text": "Blue [1"})),
                delta(json!({"text": "2]. Not [4] nor `[12]`, once more [12]."})),
                stop(),
                end("end_turn"),
            ],
        );
        let cited = events.iter().filter(|event| matches!(event, ModelEvent::Citation { .. }));
        assert_eq!(cited.collect::<Vec<_>>(), [&ModelEvent::Citation { passage: 12 }]);
    }

    #[test]
    fn citations_become_marks_before_the_white_space() {
        let cite = |index: usize| {
            delta(json!({"type": "citations_delta", "citation":
                {"type": "char_location", "document_index": index, "cited_text": "x"}}))
        };
        let (events, _) = decode(
            &[4, 9],
            &[
                start(json!({"type": "text", "text": ""})),
                delta(json!({"text": "Blue.\n"})),
                cite(1),
                cite(1),
                cite(0),
                cite(7),
                delta(json!({"text": "\n"})),
                stop(),
                start(json!({"type": "text", "text": "Green."})),
                cite(1),
                stop(),
                end("end_turn"),
            ],
        );
        assert_eq!(
            events,
            vec![
                text("Blue."),
                text(" [9]"),
                ModelEvent::Citation { passage: 9 },
                text(" [4]"),
                ModelEvent::Citation { passage: 4 },
                text("\n\n"),
                text("Green."),
                text(" [9]"),
                ModelEvent::Stop(StopReason::End),
            ]
        );
    }

    #[test]
    fn thinking_with_its_signature_and_redacted() {
        let (events, _) = decode(
            &[],
            &[
                start(json!({"type": "thinking", "thinking": ""})),
                delta(json!({"type": "thinking_delta", "thinking": "hm"})),
                delta(json!({"type": "signature_delta", "signature": "sig"})),
                stop(),
                start(json!({"type": "redacted_thinking", "data": "xyz"})),
                stop(),
                end("end_turn"),
            ],
        );
        let thought = |text: &str, signature: Option<&str>| ModelEvent::Reasoning {
            text: text.into(),
            signature: signature.map(Into::into),
        };
        assert_eq!(
            events,
            vec![
                thought("hm", None),
                thought("", Some("sig")),
                thought("", Some("redacted:xyz")),
                ModelEvent::Stop(StopReason::End),
            ]
        );
    }

    #[test]
    fn tool_calls_count_from_zero_whatever_their_block() {
        let (events, _) = decode(
            &[],
            &[
                start(json!({"type": "text", "text": "Let me."})),
                stop(),
                start(json!({"type": "tool_use", "id": "a", "name": "add", "input": {}})),
                delta(json!({"type": "input_json_delta", "partial_json": ""})),
                delta(json!({"type": "input_json_delta", "partial_json": "{\"x\":1}"})),
                stop(),
                start(json!({"type": "tool_use", "id": "b", "name": "now", "input": {}})),
                stop(),
                end("tool_use"),
            ],
        );
        let start = |index, id: &str, name: &str| ModelEvent::ToolCallStart {
            index,
            id: id.into(),
            name: name.into(),
        };
        let piece = |index, text: &str| ModelEvent::ToolCallDelta { index, arguments: text.into() };
        assert_eq!(
            events,
            vec![
                text("Let me."),
                start(0, "a", "add"),
                piece(0, "{\"x\":1}"),
                start(1, "b", "now"),
                piece(1, "{}"),
                ModelEvent::Stop(StopReason::ToolCalls),
            ]
        );
    }

    #[test]
    fn what_is_not_whole_is_an_error() {
        let kind = |events: &[Value]| decode(&[], events).1.map_err(|e| e.kind());
        assert_eq!(kind(&[]), Err(ErrorKind::Incomplete));
        assert_eq!(kind(&[json!({"type": "message_stop"})]), Err(ErrorKind::Incomplete));
        assert_eq!(
            kind(&[json!({"type": "error", "error":
                {"type": "overloaded_error", "message": "Overloaded"}})]),
            Err(ErrorKind::Unavailable)
        );
        assert_eq!(kind(&[json!([1])]), Err(ErrorKind::Protocol));
    }
}
