//! The bytes of a streamed answer, with the faults that its script asks for.

use std::io;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use socket2::Socket;
use tokio::sync::watch;

use crate::dialect::{Event, Writer};
use crate::reply::Framing;
use crate::{Reply, Step};

/// Floods are written in pieces of this many bytes.
const FLOOD_PIECE: usize = 64 * 1024;

/// Counts an open stream for as long as it lives.
pub(crate) struct OpenStream(watch::Sender<usize>);

impl OpenStream {
    pub(crate) fn new(count: &watch::Sender<usize>) -> Self {
        count.send_modify(|open| *open += 1);
        Self(count.clone())
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}

/// The body of a streamed answer. `socket` is the connection's, for resets.
pub(crate) fn body(
    reply: Reply,
    mut writer: Writer,
    socket: Arc<Socket>,
    open: OpenStream,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    async_stream::stream! {
        let _open = open;
        let framing = &reply.framing;
        if framing.byte_order_mark {
            for piece in cut(Bytes::from_static(b"\xEF\xBB\xBF"), framing) { yield Ok(piece); }
        }
        for piece in cut(frame(&writer.start(), framing), framing) { yield Ok(piece); }
        for step in &reply.steps {
            match step {
                Step::Wait(pause) => tokio::time::sleep(*pause).await,
                Step::Hold(gate) => gate.pass().await,
                Step::Stall => std::future::pending::<()>().await,
                Step::EndEarly => return,
                Step::Reset => {
                    // Lets the server write what it still holds.
                    tokio::task::yield_now().await;
                    yield Err(reset(&socket));
                    return;
                }
                Step::Raw(bytes) => {
                    for piece in cut(bytes.clone(), framing) { yield Ok(piece); }
                }
                Step::Flood { byte, count } => {
                    let piece = Bytes::from(vec![*byte; FLOOD_PIECE]);
                    let mut left = *count;
                    while left > 0 {
                        let size = left.min(FLOOD_PIECE);
                        yield Ok(piece.slice(..size));
                        left -= size;
                    }
                }
                Step::Endless(text) => loop {
                    yield Ok(frame(&writer.step(&Step::Text(text.clone())), framing));
                },
                Step::Ping => {
                    let events = writer.step(step);
                    let bytes = if events.is_empty() {
                        Bytes::from(format!(": ping{0}{0}", framing.line_end))
                    } else {
                        frame(&events, framing)
                    };
                    for piece in cut(bytes, framing) { yield Ok(piece); }
                }
                Step::Error { .. } => {
                    for piece in cut(frame(&writer.step(step), framing), framing) {
                        yield Ok(piece);
                    }
                    return;
                }
                _ => {
                    for piece in cut(frame(&writer.step(step), framing), framing) {
                        yield Ok(piece);
                    }
                }
            }
        }
        let (mut events, last) = writer.finish();
        if framing.last_event {
            events.push(last);
        }
        for piece in cut(frame(&events, framing), framing) { yield Ok(piece); }
    }
}

/// Events as server-sent events.
fn frame(events: &[Event], framing: &Framing) -> Bytes {
    let mut bytes = BytesMut::new();
    for (name, data) in events {
        if !name.is_empty() {
            bytes.extend_from_slice(format!("event: {name}{}", framing.line_end).as_bytes());
        }
        bytes.extend_from_slice(format!("data: {data}{0}{0}", framing.line_end).as_bytes());
    }
    bytes.freeze()
}

/// Bytes in pieces of the size that the script asks for.
pub(crate) fn cut(mut bytes: Bytes, framing: &Framing) -> Vec<Bytes> {
    let Some(size) = framing.split else {
        return if bytes.is_empty() { Vec::new() } else { vec![bytes] };
    };
    let mut pieces = Vec::new();
    while !bytes.is_empty() {
        pieces.push(bytes.split_to(size.clamp(1, bytes.len())));
    }
    pieces
}

/// Makes the connection end in a reset instead of in good order, and the error that ends it.
fn reset(socket: &Socket) -> io::Error {
    match socket.set_linger(Some(std::time::Duration::ZERO)) {
        Ok(()) => io::Error::other("the script resets the connection"),
        Err(error) => error,
    }
}
