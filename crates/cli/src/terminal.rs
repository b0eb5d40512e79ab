//! The person at the terminal: what they are shown, and what they type.

use std::borrow::Cow;
use std::error::Error;
use std::io::{IsTerminal, Result, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios};
use secrecy::SecretString;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// What shells say of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

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
    let mut err = std::io::stderr().lock();
    let text = for_reader(&err, text);
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(err, "{text}");
}

/// Text on standard output, at once. That nobody takes it is an error and no panic.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(for_reader(&out, text).as_bytes())?;
    out.flush()
}

/// A line on standard output.
pub(crate) fn print_line(text: &str) -> Result<()> {
    print(&format!("{text}\n"))
}

/// The text as it is for a program, and for a person at a terminal harmless: models and documents
/// have written parts of it.
fn for_reader<'a>(reader: &impl IsTerminal, text: &'a str) -> Cow<'a, str> {
    if reader.is_terminal() { harmless(text) } else { Cow::Borrowed(text) }
}

/// The text with line breaks and tabs, but with nothing else that steers a terminal.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    let passes = |c: char| matches!(c, '\n' | '\t') || !steers(c);
    if text.chars().all(passes) {
        return Cow::Borrowed(text);
    }
    text.chars().map(|c| if passes(c) { c.to_string() } else { visible(c) }).collect()
}

/// The character as text that cannot steer the terminal or turn round what stands beside it.
pub(crate) fn visible(c: char) -> String {
    if steers(c) { c.escape_unicode().to_string() } else { c.to_string() }
}

fn steers(c: char) -> bool {
    let turns = matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    turns || c.is_control()
}

/// Ends the program as Ctrl-C does, without waiting for anything.
pub(crate) fn end_interrupted() -> ! {
    std::process::exit(INTERRUPTED)
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
            print(prompt)?;
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
    let shown = rustix::termios::tcgetattr(&stdin)?;
    show_again_when_interrupted(shown.clone())?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    rustix::termios::tcsetattr(&stdin, OptionalActions::Flush, &hidden)?;
    // Nobody is prompted before it is hidden what they type.
    let prompted = std::io::stderr().write_all(prompt.as_bytes());
    let read = prompted.and_then(|()| read_secret(&stdin));
    rustix::termios::tcsetattr(&stdin, OptionalActions::Flush, &shown)?;
    note("");
    read
}

/// Ctrl-C ends the program, and leaves no terminal behind that hides what is typed.
fn show_again_when_interrupted(shown: Termios) -> Result<()> {
    let mut pressed = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        if pressed.recv().await.is_some() {
            // Whoever has closed the terminal does not miss it.
            let _ = rustix::termios::tcsetattr(std::io::stdin(), OptionalActions::Now, &shown);
            end_interrupted();
        }
    });
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_shown_as_it_is_but_cannot_steer() {
        let plain = "Zeile\n\tümläut, שלום, 漢字 👩‍👩‍👧";
        assert!(matches!(harmless(plain), Cow::Borrowed(text) if text == plain));
        assert_eq!(harmless("a\u{1b}]0;b\u{7}\r\nc"), "a\\u{1b}]0;b\\u{7}\\u{d}\nc");
        assert_eq!(harmless("\u{9b}2J\u{7f}"), "\\u{9b}2J\\u{7f}");
        assert_eq!(harmless("a\u{202e}b\u{2067}c\u{200f}"), "a\\u{202e}b\\u{2067}c\\u{200f}");
    }

    #[test]
    fn a_sequence_in_pieces_is_as_harmless_as_a_whole_one() {
        let whole = "a\u{1b}[2K\u{9b}1mé\n";
        let pieces: String = whole.chars().map(|c| harmless(&c.to_string()).into_owned()).collect();
        assert_eq!(pieces, harmless(whole));
    }
}
