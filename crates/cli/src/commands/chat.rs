//! `vpaura chat`: a conversation in the terminal, with a server over HTTP or with an engine in
//! this process. Both answer with the same run events.

mod local;
mod remote;

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin};
use vpaura_domain::{Citation, ConversationId, RunEvent, RunEventKind};

use self::local::Local;
use self::remote::Remote;
use crate::error::{Error, Result};
use crate::terminal;

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
struct Ask {
    text: String,
    files: Vec<PathBuf>,
    model: Option<String>,
    conversation: Option<ConversationId>,
}

/// Who answers.
enum Peer {
    Local(Box<Local>),
    Remote(Remote),
}

impl Chat {
    pub(crate) async fn run(self) -> Result<()> {
        let mut peer = match &self.server {
            Some(server) => Peer::Remote(Remote::connect(server, self.key.clone()).await?),
            None => Peer::Local(Box::new(Local::start().await?)),
        };
        let result = self.talk(&mut peer).await;
        if let Peer::Local(local) = peer {
            local.stop().await;
        }
        result
    }

    async fn talk(self, peer: &mut Peer) -> Result<()> {
        let mut ask = Ask {
            text: self.message.join(" "),
            files: self.files,
            model: self.model,
            conversation: self.conversation,
        };
        if !ask.text.trim().is_empty() {
            answer(peer, &mut ask).await?;
            return Ok(());
        }
        let interactive = terminal::is_interactive();
        if interactive {
            terminal::note("Ctrl-C stops an answer, Ctrl-D ends the chat.");
        }
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        while let Some(text) = next_message(&mut lines, interactive).await? {
            ask.text = text;
            match answer(peer, &mut ask).await {
                // In a chat a refused message is not the end.
                Err(error) if interactive => terminal::complain(&error),
                result => result?,
            }
        }
        Ok(())
    }
}

/// The next line that says something; `None` at the end of the input.
async fn next_message(
    lines: &mut Lines<BufReader<Stdin>>,
    interactive: bool,
) -> Result<Option<String>> {
    loop {
        if interactive {
            print!("\n> ");
            std::io::stdout().flush()?;
        }
        match lines.next_line().await? {
            Some(line) if line.trim().is_empty() => {}
            line => return Ok(line),
        }
    }
}

/// Sends the message and prints the answer as it comes. Ctrl-C stops the run and keeps the chat.
async fn answer(peer: &mut Peer, ask: &mut Ask) -> Result<()> {
    let mut printer = Printer::default();
    match peer {
        Peer::Local(local) => local.start_run(ask).await?,
        Peer::Remote(remote) => remote.start_run(ask).await?,
    }
    ask.files.clear();
    let mut stopped = false;
    loop {
        let events = tokio::select! {
            events = peer.next() => events?,
            signal = tokio::signal::ctrl_c(), if !stopped => {
                signal?;
                stopped = true;
                peer.cancel().await?;
                continue;
            }
        };
        let Some(events) = events else { break };
        for event in &events {
            if let RunEventKind::RunStarted { conversation_id, .. } = &event.kind {
                ask.conversation = Some(*conversation_id);
            }
            printer.print(event)?;
        }
    }
    printer.finish()
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
}

/// Prints an answer: text on standard output, everything about it on standard error.
#[derive(Default)]
struct Printer {
    citations: Vec<Citation>,
    failure: Option<String>,
}

impl Printer {
    fn print(&mut self, event: &RunEvent) -> Result<()> {
        match &event.kind {
            RunEventKind::Delta { text } => {
                let mut out = std::io::stdout().lock();
                out.write_all(text.as_bytes())?;
                out.flush()?;
            }
            RunEventKind::Citation { citation } => self.citations.push(citation.clone()),
            RunEventKind::Reset { reason } => {
                self.citations.clear();
                terminal::note(&format!("\n[{reason}]"));
            }
            RunEventKind::RunFailed { message, .. } => self.failure = Some(message.clone()),
            RunEventKind::Interrupt { .. } => {
                terminal::note("\n[waits for an answer: give it in the web UI or over HTTP]");
            }
            RunEventKind::RunCancelled => terminal::note("\n[stopped]"),
            _ => {}
        }
        Ok(())
    }

    fn finish(self) -> Result<()> {
        println!();
        for Citation { index, document, line_start, line_end, .. } in self.citations {
            terminal::note(&format!("[{index}] {document}, lines {line_start}–{line_end}"));
        }
        match self.failure {
            Some(message) => Err(Error::Server(message)),
            None => Ok(()),
        }
    }
}
