//! The format of `POST /chat/stream`: the answer's text as it is, then `[DONE]`.

use bytes::BytesMut;
use serde_json::json;
use vpaura_domain::{RunEvent, RunEventKind};

use super::sse::{Encoder, frame};

const DONE: &str = "[DONE]";

/// Encodes the answer as text. A failure is an event named `error` instead of `[DONE]`; void
/// text is announced by an event named `reset`, a question by one named `interrupt`.
#[derive(Debug, Default)]
pub(crate) struct Text {
    /// The number of the question that was asked last.
    waits: Option<u64>,
}

impl Encoder for Text {
    fn encode(&mut self, event: &RunEvent, out: &mut BytesMut) {
        self.waits = None;
        match &event.kind {
            RunEventKind::Interrupt { ask } => {
                self.waits = Some(event.seq);
                frame(event.seq, Some("interrupt"), &json!({ "ask": ask }), out);
            }
            RunEventKind::Delta { text } if text.as_ref() == DONE => {
                // The model wrote the end mark itself: in two pieces it is only text.
                data(None, "[", out);
                data(Some(event.seq), "DONE]", out);
            }
            RunEventKind::Delta { text } => data(Some(event.seq), text, out),
            RunEventKind::Reset { reason } => {
                frame(event.seq, Some("reset"), &json!({ "reason": reason }), out);
            }
            RunEventKind::RunCompleted { .. } | RunEventKind::RunCancelled => {
                data(Some(event.seq), DONE, out);
            }
            RunEventKind::RunFailed { code, message } => {
                let error = json!({ "error": { "code": code, "message": message } });
                frame(event.seq, Some("error"), &error, out);
            }
            _ => {}
        }
    }

    fn finish(&mut self, out: &mut BytesMut) {
        if self.waits.is_some() {
            data(self.waits, DONE, out);
        }
    }
}

/// Appends the text as one event: a `data:` line for each of its lines, which the reader joins
/// again with line feeds.
fn data(seq: Option<u64>, text: &str, out: &mut BytesMut) {
    if let Some(seq) = seq {
        out.extend_from_slice(format!("id: {seq}\n").as_bytes());
    }
    let text = text.replace("\r\n", "\n");
    for line in text.split(['\n', '\r']) {
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(line.as_bytes());
        out.extend_from_slice(b"\n");
    }
    out.extend_from_slice(b"\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use vpaura_domain::{IdGen, RunId, SequentialIds, Timestamp};

    fn encoded(text: &str) -> String {
        let event = RunEvent {
            run_id: RunId::from_uuid(SequentialIds::default().uuid()),
            seq: 7,
            epoch: 1,
            at: Timestamp::default(),
            kind: RunEventKind::Delta { text: text.into() },
        };
        let mut out = BytesMut::new();
        Text::default().encode(&event, &mut out);
        String::from_utf8(out.to_vec()).expect("UTF-8")
    }

    #[test]
    fn lines_and_spaces_survive() {
        assert_eq!(encoded(" a\nb\r\nc"), "id: 7\ndata:  a\ndata: b\ndata: c\n\n");
        assert_eq!(encoded("\n"), "id: 7\ndata: \ndata: \n\n");
    }

    #[test]
    fn a_model_cannot_write_the_end_mark() {
        assert_eq!(encoded("[DONE]"), "data: [\n\nid: 7\ndata: DONE]\n\n");
    }
}
