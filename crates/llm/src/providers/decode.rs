//! From a provider's bytes to model events: the part that all dialects share.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures_util::{Stream, StreamExt};
use tokio::time::{Duration, Sleep, sleep};

use crate::http::root_cause;
use crate::{LlmError, ModelEvent, ModelStream, SseEvent, SseReader};

/// How long a body may take to end after the answer's last event. A body read to its end leaves
/// the connection open for the next request; one that lingers is not worth waiting for.
const CLOSE_WAIT: Duration = Duration::from_millis(10);

/// What is special about a dialect: how one server-sent event becomes model events.
pub(crate) trait Decoder: Send + Unpin + 'static {
    /// Takes in one event.
    ///
    /// # Errors
    /// When the provider reports an error in the stream or breaks its protocol. What was put out
    /// before is still delivered.
    fn event(
        &mut self,
        event: &SseEvent<'_>,
        out: &mut VecDeque<ModelEvent>,
    ) -> Result<(), LlmError>;

    /// The connection ended. Puts out the last events.
    ///
    /// # Errors
    /// When the answer is not whole.
    fn end(&mut self, out: &mut VecDeque<ModelEvent>) -> Result<(), LlmError>;

    /// Whether the answer is whole and nothing more is wanted of the connection.
    fn is_done(&self) -> bool;
}

/// The model events of a response's body.
pub(crate) fn decode<D: Decoder>(
    body: impl Stream<Item = reqwest::Result<Bytes>> + Send + 'static,
    decoder: D,
    event_bytes: usize,
) -> ModelStream {
    Box::pin(Decoding {
        body: Some(body.boxed()),
        chunk: Bytes::new(),
        reader: SseReader::new(event_bytes),
        decoder,
        ready: VecDeque::new(),
        closing: None,
        failure: None,
    })
}

struct Decoding<D> {
    /// The body, until it has ended or is no longer wanted; dropping it closes the connection.
    body: Option<Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>>,
    /// What is not yet read of the last piece.
    chunk: Bytes,
    reader: SseReader,
    decoder: D,
    /// Events decoded but not yet delivered: few, as one server-sent event makes few.
    ready: VecDeque<ModelEvent>,
    /// Runs once the answer is whole, see [`CLOSE_WAIT`].
    closing: Option<Pin<Box<Sleep>>>,
    /// Delivered after them, as the last thing.
    failure: Option<LlmError>,
}

impl<D: Decoder> Decoding<D> {
    /// Reads on in the current piece until there is something to deliver.
    fn read_chunk(&mut self) -> Result<(), LlmError> {
        while self.ready.is_empty() && !self.chunk.is_empty() && !self.decoder.is_done() {
            let mut rest: &[u8] = &self.chunk;
            let event =
                self.reader.next(&mut rest).map_err(|e| LlmError::protocol(e.to_string()))?;
            let left = rest.len();
            if let Some(event) = event {
                self.decoder.event(&event, &mut self.ready)?;
            }
            self.chunk.advance(self.chunk.len() - left);
        }
        Ok(())
    }

    /// Ready when the body has ended after the answer, or takes too long to.
    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(body) = self.body.as_mut() else { return Poll::Ready(()) };
        match body.poll_next_unpin(cx) {
            // Also when bytes follow the end: that is no connection to keep.
            Poll::Ready(_) => Poll::Ready(()),
            Poll::Pending => {
                self.closing.get_or_insert_with(|| Box::pin(sleep(CLOSE_WAIT))).as_mut().poll(cx)
            }
        }
    }

    fn finish(&mut self, result: Result<(), LlmError>) {
        self.body = None;
        self.chunk = Bytes::new();
        self.failure = result.err();
    }
}

impl<D: Decoder> Stream for Decoding<D> {
    type Item = Result<ModelEvent, LlmError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(event) = this.ready.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
            let Some(body) = this.body.as_mut() else {
                return Poll::Ready(this.failure.take().map(Err));
            };
            if this.decoder.is_done() {
                ready!(this.poll_closed(cx));
                let ended = this.decoder.end(&mut this.ready);
                this.finish(ended);
            } else if !this.chunk.is_empty() {
                if let Err(error) = this.read_chunk() {
                    this.finish(Err(error));
                }
            } else {
                match ready!(body.poll_next_unpin(cx)) {
                    Some(Ok(chunk)) => this.chunk = chunk,
                    // A cut connection counts only if the answer was not whole.
                    Some(Err(error)) => {
                        let ended = this.decoder.end(&mut this.ready);
                        this.finish(ended.map_err(|_| LlmError::incomplete(root_cause(&error))));
                    }
                    None => {
                        let ended = this.decoder.end(&mut this.ready);
                        this.finish(ended);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, stream};
    use proptest::prelude::*;

    use super::super::anthropic::decoder::AnthropicDecoder;
    use super::super::openai::decoder::OpenAiDecoder;
    use super::*;

    const LIMIT: usize = 2_000;

    type Events = Vec<Result<ModelEvent, LlmError>>;

    /// The model events of a body that comes in these pieces.
    fn events<D: Decoder>(decoder: D, pieces: Vec<&[u8]>) -> Events {
        let pieces: Vec<_> = pieces.into_iter().map(|p| Ok(Bytes::copy_from_slice(p))).collect();
        // Nothing here waits, so the future is ready at once.
        decode(stream::iter(pieces), decoder, LIMIT).collect().now_or_never().expect("no waiting")
    }

    /// Lines that make up answers, whole and broken.
    fn body(lines: &'static [&'static str]) -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(lines), 0..12)
            .prop_map(|lines| lines.iter().map(|line| format!("{line}\n\n")).collect())
    }

    const OPENAI: &[&str] = &[
        r#"data: {"choices":[{"delta":{"role":"assistant","content":""}}]}"#,
        r#"data: {"choices":[{"delta":{"content":"Grüße [1"}}]}"#,
        r#"data: {"choices":[{"delta":{"content":"] 漢\ud83e"}}]}"#,
        r#"data: {"choices":[{"delta":{"content":"\udd80"}}]}"#,
        r#"data: {"choices":[{"delta":{"reasoning":"hm"}}]}"#,
        r#"data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f"}}]}}]}"#,
        r#"data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{"}}]}}]}"#,
        r#"data: {"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
        r#"data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}"#,
        r#"data: {"error":{"message":"x"}}"#,
        "data: [DONE]",
        "data: {\"choices\":",
        ": comment",
        "event: odd\ndata: 7",
    ];

    const ANTHROPIC: &[&str] = &[
        r#"data: {"type":"message_start","message":{"usage":{"input_tokens":3}}}"#,
        r#"data: {"type":"content_block_start","content_block":{"type":"text","text":" Grüße "}}"#,
        r#"data: {"type":"content_block_start","content_block":{"type":"tool_use","id":"a","name":"f"}}"#,
        r#"data: {"type":"content_block_start","content_block":{"type":"thinking","thinking":""}}"#,
        r#"data: {"type":"content_block_delta","delta":{"text":"漢\ud83e"}}"#,
        r#"data: {"type":"content_block_delta","delta":{"text":"\udd80 "}}"#,
        r#"data: {"type":"content_block_delta","delta":{"citation":{"document_index":0}}}"#,
        r#"data: {"type":"content_block_delta","delta":{"partial_json":"{"}}"#,
        r#"data: {"type":"content_block_delta","delta":{"thinking":"hm","signature":"s"}}"#,
        r#"data: {"type":"content_block_stop"}"#,
        r#"data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}"#,
        r#"data: {"type":"message_stop"}"#,
        r#"data: {"type":"error","error":{"type":"overloaded_error"}}"#,
        "event: ping\ndata: {\"type\":\"ping\"}",
        "data: {",
    ];

    /// What holds for every answer, whatever the provider sent.
    fn check(whole: &Events, bytewise: &Events) -> Result<(), TestCaseError> {
        prop_assert_eq!(whole, bytewise, "the cut matters");
        let ends = |event: &Result<ModelEvent, LlmError>| {
            matches!(event, Ok(ModelEvent::Stop(_)) | Err(_))
        };
        prop_assert_eq!(whole.iter().filter(|event| ends(event)).count(), 1);
        prop_assert!(whole.last().is_some_and(ends), "the end is the last");
        Ok(())
    }

    proptest! {
        #[test]
        fn openai_answers_end_once_however_they_are_cut(body in body(OPENAI)) {
            let decoder = || OpenAiDecoder::new(1..=2, None);
            let bytes = body.as_bytes();
            check(&events(decoder(), vec![bytes]), &events(decoder(), bytes.chunks(1).collect()))?;
        }

        #[test]
        fn anthropic_answers_end_once_however_they_are_cut(body in body(ANTHROPIC)) {
            let decoder = || AnthropicDecoder::new(1..=2, [], None);
            let bytes = body.as_bytes();
            check(&events(decoder(), vec![bytes]), &events(decoder(), bytes.chunks(1).collect()))?;
        }

        #[test]
        fn arbitrary_bytes_end_in_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let openai = events(OpenAiDecoder::new([], None), vec![&bytes]);
            prop_assert!(matches!(&openai[..], [Err(_)]));
            let anthropic = events(AnthropicDecoder::new([], [], None), vec![&bytes]);
            prop_assert!(matches!(&anthropic[..], [Err(_)]));
        }
    }
}
