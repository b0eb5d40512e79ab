//! What the scripted provider answers to one request.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Semaphore;

/// One answer, in no provider's words; the dialect of the request decides how it is written.
#[derive(Debug, Clone)]
pub struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// For a status other than 200: the error's type and message.
    pub(crate) error: Option<(String, String)>,
    pub(crate) steps: Vec<Step>,
    /// For answers that are never streamed (vectors, judgements): the body as it is.
    pub(crate) body: Option<Bytes>,
    pub(crate) usage: Option<ReplyUsage>,
    /// The finish reason in OpenAI's words.
    pub(crate) finish: String,
    pub(crate) framing: Framing,
}

/// How the events are cut into lines and bytes.
#[derive(Debug, Clone)]
pub(crate) struct Framing {
    pub line_end: &'static str,
    pub byte_order_mark: bool,
    /// The most bytes written at once.
    pub split: Option<usize>,
    /// Whether the last event (`[DONE]`, `message_stop`) comes.
    pub last_event: bool,
}

/// The tokens an answer claims to have used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReplyUsage {
    /// All tokens sent.
    pub input: u64,
    /// Of these, read from the cache.
    pub cached: u64,
    /// Of these, written into the cache.
    pub cache_written: u64,
    /// Tokens received.
    pub output: u64,
}

/// One thing that happens in an answer.
#[derive(Debug, Clone)]
pub enum Step {
    /// A piece of text.
    Text(String),
    /// A piece of reasoning.
    Reasoning(String),
    /// The signature of the reasoning (Anthropic).
    Signature(String),
    /// A tool call, its arguments in pieces.
    ToolCall {
        /// Its id.
        id: String,
        /// The tool's name.
        name: String,
        /// The pieces of its arguments.
        arguments: Vec<String>,
    },
    /// The text so far rests on the document of this place (Anthropic).
    Cite {
        /// Counts the request's documents from 0.
        document: usize,
        /// The words cited.
        text: String,
    },
    /// Nothing: a comment (OpenAI) or a ping (Anthropic).
    Ping,
    /// An error inside the stream.
    Error {
        /// Its type.
        kind: String,
        /// Its words.
        message: String,
    },
    /// These bytes as they are.
    Raw(Bytes),
    /// This byte so many times, without a line end.
    Flood {
        /// The byte.
        byte: u8,
        /// How many of it.
        count: usize,
    },
    /// This text for ever.
    Endless(String),
    /// A pause.
    Wait(Duration),
    /// Nothing more until the gate is opened.
    Hold(Gate),
    /// Nothing more for ever; the connection stays open.
    Stall,
    /// The body ends here, in good order but too early.
    EndEarly,
    /// The connection is reset.
    Reset,
}

/// A place where an answer waits for its test.
#[derive(Debug, Clone)]
pub struct Gate(Arc<Semaphore>);

impl Default for Gate {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }
}

impl Gate {
    /// A closed gate.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets one waiting (or coming) answer pass.
    pub fn open(&self) {
        self.0.add_permits(1);
    }

    pub(crate) async fn pass(&self) {
        if let Ok(permit) = self.0.acquire().await {
            permit.forget();
        }
    }
}

impl Reply {
    /// An answer of these steps, with a usage and a finish of `stop` (or `tool_calls`).
    pub fn of(steps: impl IntoIterator<Item = Step>) -> Self {
        let steps: Vec<Step> = steps.into_iter().collect();
        let calls = steps.iter().any(|step| matches!(step, Step::ToolCall { .. }));
        Self {
            status: 200,
            headers: Vec::new(),
            error: None,
            steps,
            body: None,
            usage: Some(ReplyUsage { input: 10, output: 5, ..ReplyUsage::default() }),
            finish: if calls { "tool_calls" } else { "stop" }.to_owned(),
            framing: Framing {
                line_end: "\n",
                byte_order_mark: false,
                split: None,
                last_event: true,
            },
        }
    }

    /// An answer of this text, a piece for each word.
    pub fn text(text: &str) -> Self {
        Self::of(text.split_inclusive(' ').map(|word| Step::Text(word.to_owned())))
    }

    /// These bytes, as the answer to a request for vectors or judgements.
    pub fn whole(body: impl Into<Bytes>) -> Self {
        Self { body: Some(body.into()), ..Self::of([]) }
    }

    /// A refusal with this status, in the dialect's error format.
    pub fn error(status: u16, kind: &str, message: &str) -> Self {
        let error = Some((kind.to_owned(), message.to_owned()));
        Self { status, error, ..Self::of([]) }
    }

    /// Another step at the end.
    #[must_use]
    pub fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// With a response header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With this usage.
    #[must_use]
    pub const fn usage(mut self, usage: ReplyUsage) -> Self {
        self.usage = Some(usage);
        self
    }

    /// Without any usage.
    #[must_use]
    pub const fn no_usage(mut self) -> Self {
        self.usage = None;
        self
    }

    /// With this finish reason, in OpenAI's words: `stop`, `length`, `tool_calls`,
    /// `content_filter`.
    #[must_use]
    pub fn finish(mut self, reason: &str) -> Self {
        reason.clone_into(&mut self.finish);
        self
    }

    /// Written at most so many bytes at a time.
    #[must_use]
    pub const fn split(mut self, bytes: usize) -> Self {
        self.framing.split = Some(bytes);
        self
    }

    /// With lines that end in CRLF, or in CR alone.
    #[must_use]
    pub const fn line_end(mut self, line_end: &'static str) -> Self {
        self.framing.line_end = line_end;
        self
    }

    /// With a byte order mark at the start.
    #[must_use]
    pub const fn byte_order_mark(mut self) -> Self {
        self.framing.byte_order_mark = true;
        self
    }

    /// Without the last event (`[DONE]`, `message_stop`).
    #[must_use]
    pub const fn no_last_event(mut self) -> Self {
        self.framing.last_event = false;
        self
    }
}
