//! `vpaura chat`: a conversation in the terminal, with a server over HTTP or with an engine in
//! this process. Both answer with the same run events.

mod interrupts;
mod local;
mod questions;
mod remote;

use std::path::PathBuf;

use clap::Args;
use vpaura_domain::{Ask, Citation, ConversationId, RunEvent, RunEventKind, RunId};

use self::interrupts::Interrupts;
use self::local::Local;
use self::questions::{Answers, Decision};
use self::remote::Remote;
use crate::api;
use crate::error::{Error, Result};
use crate::terminal::{self, Input};

/// Chats in the terminal.
#[derive(Debug, Args)]
pub(crate) struct Chat {
    /// One message to answer; without it the chat goes on until Ctrl-D
    message: Vec<String>,
    /// A server to chat with; without it the engine runs in this process
    #[arg(long, env = "VPAURA_SERVER")]
    server: Option<String>,
    /// The server's API key or a session token
    #[arg(long, env = "VPAURA_API_KEY", hide_env_values = true)]
    key: Option<String>,
    /// The model, as provider/model
    #[arg(long)]
    model: Option<String>,
    /// The conversation to go on with
    #[arg(long)]
    conversation: Option<ConversationId>,
    /// A file to attach to the first message; may be given several times
    #[arg(long = "file", value_name = "PATH")]
    files: Vec<PathBuf>,
}

/// One message to be answered.
struct Message {
    text: String,
    files: Vec<PathBuf>,
    model: Option<String>,
    conversation: Option<ConversationId>,
}

/// Who answers.
enum Peer {
    Local(Box<Local>),
    Remote(Box<Remote>),
}

/// How a chat came to its end.
#[derive(PartialEq, Eq)]
enum Ending {
    Done,
    /// By Ctrl-C, with input left.
    Interrupted,
}

impl Chat {
    pub(crate) async fn run(self) -> Result<()> {
        let interrupts = Interrupts::listen()?;
        let mut peer = match api::named(self.server.as_deref()) {
            Some(server) => {
                Peer::Remote(Box::new(Remote::connect(server, self.key.clone()).await?))
            }
            None => Peer::Local(Box::new(Local::start().await?)),
        };
        let ending = self.talk(&mut peer, &interrupts).await;
        if let Peer::Local(local) = peer {
            local.stop().await;
        }
        if ending? == Ending::Interrupted {
            terminal::end_interrupted();
        }
        Ok(())
    }

    async fn talk(self, peer: &mut Peer, interrupts: &Interrupts) -> Result<Ending> {
        let mut message = Message {
            text: self.message.join(" "),
            files: self.files,
            model: self.model,
            conversation: self.conversation,
        };
        let mut input = Input::new();
        if !message.text.trim().is_empty() {
            interrupts.begin();
            answer(peer, &mut message, &mut input, interrupts).await?;
            return Ok(Ending::Done);
        }
        let interactive = input.is_interactive();
        if interactive {
            terminal::note("Ctrl-C stops an answer, Ctrl-D ends the chat.");
        }
        while let Some(text) = next_message(&mut input).await? {
            message.text = text;
            interrupts.begin();
            let answered = answer(peer, &mut message, &mut input, interrupts).await;
            let interrupted = interrupts.end();
            match answered {
                // In a chat a refused message is not the end.
                Err(error) if interactive => terminal::complain(&error),
                result => result?,
            }
            // Without a person nobody can be meant to go on with the next message.
            if interrupted && !interactive {
                return Ok(Ending::Interrupted);
            }
        }
        Ok(Ending::Done)
    }
}

/// The next line that says something; `None` at the end of the input.
async fn next_message(input: &mut Input) -> Result<Option<String>> {
    loop {
        match input.line("\n> ").await? {
            Some(line) if line.trim().is_empty() => {}
            line => return Ok(line),
        }
    }
}

/// Sends the message and prints the answer as it comes. What the run asks is put to the person, if
/// there is one.
async fn answer(
    peer: &mut Peer,
    message: &mut Message,
    input: &mut Input,
    interrupts: &Interrupts,
) -> Result<()> {
    let mut printer = Printer::default();
    match peer {
        Peer::Local(local) => local.start_run(message).await?,
        Peer::Remote(remote) => remote.start_run(message).await?,
    }
    message.files.clear();
    loop {
        follow(peer, message, &mut printer, interrupts).await?;
        if printer.asks.is_empty() {
            break;
        }
        if !input.is_interactive() {
            for ask in &printer.asks {
                terminal::note(&format!("\n{}", questions::describe(ask)));
            }
            printer.leave();
            break;
        }
        match questions::decide(&printer.asks, input, interrupts).await? {
            // A refused answer leaves the question open: it is asked again, unless the run turns
            // out to have gone on without us.
            Decision::Answered(answers) => match peer.answer(answers).await {
                Ok(()) => printer.asks.clear(),
                Err(error) => terminal::complain(&error),
            },
            Decision::Stop => peer.cancel().await?,
            Decision::Leave => {
                printer.leave();
                break;
            }
        }
        peer.follow_on().await?;
    }
    printer.finish()
}

/// Prints what comes until the run ends or waits. Ctrl-C stops the run and keeps the chat.
async fn follow(
    peer: &mut Peer,
    message: &mut Message,
    printer: &mut Printer,
    interrupts: &Interrupts,
) -> Result<()> {
    loop {
        // A server's run is known by its first event only; a press before that is kept.
        let stoppable = matches!(peer, Peer::Local(_)) || printer.run.is_some();
        let events = tokio::select! {
            biased;
            () = interrupts.pressed(), if stoppable => {
                peer.cancel().await?;
                continue;
            }
            events = peer.next() => events?,
        };
        let Some(events) = events else { return Ok(()) };
        for event in &events {
            if let RunEventKind::RunStarted { conversation_id, .. } = &event.kind {
                message.conversation = Some(*conversation_id);
            }
            printer.print(event)?;
        }
    }
}

impl Peer {
    async fn next(&mut self) -> Result<Option<Vec<RunEvent>>> {
        match self {
            Self::Local(local) => local.next().await,
            Self::Remote(remote) => remote.next().await,
        }
    }

    async fn cancel(&mut self) -> Result<()> {
        match self {
            Self::Local(local) => local.cancel().await,
            Self::Remote(remote) => remote.cancel().await,
        }
    }

    async fn answer(&mut self, answers: Answers) -> Result<()> {
        match self {
            Self::Local(local) => local.answer(answers).await,
            Self::Remote(remote) => remote.answer(&answers).await,
        }
    }

    /// Reads on after the last event, when the run has waited.
    async fn follow_on(&mut self) -> Result<()> {
        match self {
            Self::Local(local) => local.follow_on().await,
            Self::Remote(remote) => remote.follow_on().await,
        }
    }
}

/// Prints an answer: text on standard output, everything about it on standard error.
#[derive(Default)]
struct Printer {
    citations: Vec<Citation>,
    failure: Option<String>,
    /// What the run waits for: the questions at the end of what was printed.
    asks: Vec<Ask>,
    run: Option<RunId>,
}

impl Printer {
    fn print(&mut self, event: &RunEvent) -> Result<()> {
        self.run = Some(event.run_id);
        if !matches!(event.kind, RunEventKind::Interrupt { .. }) {
            self.asks.clear();
        }
        match &event.kind {
            RunEventKind::Delta { text } => terminal::print(text)?,
            RunEventKind::Citation { citation } => self.citations.push(citation.clone()),
            RunEventKind::Reset { reason } => {
                self.citations.clear();
                terminal::note(&format!("\n[{reason}]"));
            }
            RunEventKind::RunFailed { message, .. } => self.failure = Some(message.clone()),
            RunEventKind::Interrupt { ask } => self.asks.push(ask.clone()),
            RunEventKind::RunCancelled => terminal::note("\n[stopped]"),
            _ => {}
        }
        Ok(())
    }

    /// Says how a run that waits is answered.
    fn leave(&self) {
        let run = self.run.map(|id| id.to_string()).unwrap_or_default();
        terminal::note(&format!(
            "[waits for an answer: give it in the web UI, or to POST /api/v1/runs/{run}/resume]"
        ));
    }

    fn finish(self) -> Result<()> {
        terminal::print("\n")?;
        for Citation { index, document, line_start, line_end, gone, .. } in self.citations {
            terminal::note(&match gone {
                true => format!("[{index}] not here any more, or not open to you"),
                false => format!("[{index}] {document}, lines {line_start}–{line_end}"),
            });
        }
        match self.failure {
            Some(message) => Err(Error::Server(message)),
            None => Ok(()),
        }
    }
}
