//! The person at the terminal: what they are told besides a command's own output, and what they
//! type.

use std::error::Error;
use std::io::{IsTerminal, Result, Write};

use rustix::termios::{LocalModes, OptionalActions};
use secrecy::SecretString;
use tokio::sync::mpsc;

/// Tells why a command failed, with the causes, on standard error.
pub(crate) fn complain(error: &(dyn Error + 'static)) {
    let mut text = format!("vpaura: {error}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text.push_str(&format!("\n  because: {inner_text}"));
        }
        cause = inner.source();
    }
    note(&text);
}

/// A line on standard error.
pub(crate) fn note(text: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// What is typed, or piped in, line by line.
pub(crate) struct Input {
    interactive: bool,
    lines: Option<mpsc::Receiver<Result<String>>>,
}

impl Input {
    /// Reads nothing until the first line is wanted.
    pub(crate) fn new() -> Self {
        let interactive = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        Self { interactive, lines: None }
    }

    /// Whether a person sits in front of standard input and output.
    pub(crate) const fn is_interactive(&self) -> bool {
        self.interactive
    }

    /// The next line, `None` at the end; a person is prompted for it. Safe to drop and call again.
    pub(crate) async fn line(&mut self, prompt: &str) -> Result<Option<String>> {
        if self.interactive {
            let mut out = std::io::stdout().lock();
            out.write_all(prompt.as_bytes())?;
            out.flush()?;
        }
        let lines = match &mut self.lines {
            Some(lines) => lines,
            none => none.insert(read_lines()?),
        };
        lines.recv().await.transpose()
    }
}

/// A secret that is typed without being shown, or the first line of what is piped in.
pub(crate) fn secret(prompt: &str) -> Result<SecretString> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return read_secret(&stdin);
    }
    let mut err = std::io::stderr();
    write!(err, "{prompt}")?;
    err.flush()?;
    let shown = rustix::termios::tcgetattr(&stdin)?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    rustix::termios::tcsetattr(&stdin, OptionalActions::Flush, &hidden)?;
    let read = read_secret(&stdin);
    rustix::termios::tcsetattr(&stdin, OptionalActions::Flush, &shown)?;
    note("");
    read
}

fn read_secret(stdin: &std::io::Stdin) -> Result<SecretString> {
    let mut line = String::new();
    stdin.read_line(&mut line)?;
    let text = line.trim_end_matches(['\n', '\r']);
    Ok(text.to_owned().into())
}

/// The lines of standard input. A read cannot be given up; on a thread of its own it does not hold
/// up the end of the process.
fn read_lines() -> Result<mpsc::Receiver<Result<String>>> {
    let (sender, receiver) = mpsc::channel(1);
    let read = move || {
        for line in std::io::stdin().lines() {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    };
    std::thread::Builder::new().name("input".to_owned()).spawn(read)?;
    Ok(receiver)
}
