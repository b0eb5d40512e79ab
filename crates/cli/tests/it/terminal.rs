//! `vpaura chat` when a run asks before it goes on: with a person at a terminal, and with nobody.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Stdio};

use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};
use vpaura_test_support::{Reply, ScriptedProvider, Step};

use crate::server::{Server, program};

const MESSAGE: &str = r#"call:rename_conversation {"title":"Trip to Kyoto"}"#;
const QUESTION: &str =
    r#"The assistant wants to use rename_conversation with {"title":"Trip to Kyoto"}"#;
const PROMPT: &str = "Allow it?";

/// The program at a terminal of its own.
struct Terminal {
    screen: File,
    shown: Vec<u8>,
    process: Child,
}

impl Terminal {
    fn chat(data: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::start(data, &[&["chat"], arguments].concat(), environment)
    }

    fn start(data: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&screen).unwrap();
        unlockpt(&screen).unwrap();
        let own = || Stdio::from(other_end(&screen));
        let process = program(data)
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(own())
            .stdout(own())
            .stderr(own())
            .spawn()
            .unwrap();
        Self { screen: File::from(screen), shown: Vec::new(), process }
    }

    /// Everything up to this text, which nothing before it has had.
    fn read_to(&mut self, text: &str) -> String {
        let mut piece = [0; 4096];
        loop {
            if let Some(at) = self.shown.windows(text.len()).position(|w| w == text.as_bytes()) {
                let seen: Vec<u8> = self.shown.drain(..at + text.len()).collect();
                return String::from_utf8(seen).unwrap();
            }
            // A terminal that everybody has left gives an error.
            let count = self.screen.read(&mut piece).unwrap_or(0);
            assert_ne!(count, 0, "ended before {text:?}: {}", String::from_utf8_lossy(&self.shown));
            self.shown.extend_from_slice(&piece[..count]);
        }
    }

    fn press_ctrl_c(&self) {
        kill_process(Pid::from_child(&self.process), Signal::INT).unwrap();
    }

    fn hides_what_is_typed(&self) -> bool {
        !tcgetattr(&self.screen).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    fn type_line(&mut self, line: &str) {
        writeln!(self.screen, "{line}").unwrap();
    }

    /// What is shown until the program has ended, and whether it is content.
    fn rest(mut self) -> (String, bool) {
        let mut piece = [0; 4096];
        while let Ok(count @ 1..) = self.screen.read(&mut piece) {
            self.shown.extend_from_slice(&piece[..count]);
        }
        (String::from_utf8(self.shown).unwrap(), self.process.wait().unwrap().success())
    }
}

/// The end of the terminal that a program has.
fn other_end(screen: &impl AsFd) -> OwnedFd {
    let name = ptsname(screen, Vec::new()).unwrap();
    rustix::fs::open(&*name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap()
}

/// The settings with which the scripted provider is the model.
fn scripted(url: &str) -> [(&str, &str); 2] {
    [("OPENAI_BASE_URL", url), ("LLM_MODEL", "openai/scripted")]
}

// The provider must answer while a test waits at its terminal.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn alone_a_tool_is_used_when_it_is_allowed() {
    let data = tempfile::tempdir().unwrap();
    let provider = ScriptedProvider::start().await.unwrap();
    let url = provider.openai_url();
    let mut chat = Terminal::chat(data.path(), &[MESSAGE], &scripted(&url));
    let asked = chat.read_to(PROMPT);
    assert!(asked.contains(QUESTION), "{asked}");
    chat.type_line("perhaps");
    chat.read_to(PROMPT);
    chat.type_line("y");
    let (told, well) = chat.rest();
    assert!(well && told.contains(r#"The conversation is called "Trip to Kyoto" now."#), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn with_a_server_the_model_hears_why_it_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let provider = ScriptedProvider::start().await.unwrap();
    let server = Server::start(data.path(), &scripted(&provider.openai_url()));
    let elsewhere = tempfile::tempdir().unwrap();
    let mut chat = Terminal::chat(elsewhere.path(), &["--server", &server.url], &[]);
    // A second question in the same chat is as good as the first.
    for reason in ["not today", "not tomorrow"] {
        chat.read_to("> ");
        chat.type_line(MESSAGE);
        chat.read_to(PROMPT);
        chat.type_line(&format!("n {reason}"));
        chat.read_to(&format!("The user refused this tool call: {reason}"));
    }
    chat.read_to("> ");
    chat.screen.write_all(b"\x04").unwrap();
    let (told, well) = chat.rest();
    assert!(well, "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_run_that_asks_can_be_stopped() {
    let data = tempfile::tempdir().unwrap();
    let provider = ScriptedProvider::start().await.unwrap();
    let server = Server::start(data.path(), &scripted(&provider.openai_url()));
    let elsewhere = tempfile::tempdir().unwrap();
    let mut chat = Terminal::chat(elsewhere.path(), &["--server", &server.url, MESSAGE], &[]);
    chat.read_to(PROMPT);
    chat.press_ctrl_c();
    let (told, well) = chat.rest();
    assert!(well && told.contains("[stopped]"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn without_a_person_it_says_what_waits_and_how_to_answer() {
    let data = tempfile::tempdir().unwrap();
    let provider = ScriptedProvider::start().await.unwrap();
    let url = provider.openai_url();
    let mut chat = program(data.path());
    chat.args(["chat", MESSAGE]).envs(scripted(&url)).stdin(Stdio::null());
    let output = chat.output().unwrap();
    let about = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{about}");
    assert!(about.contains(QUESTION) && about.contains("/resume]"), "{about}");
    assert!(!about.contains(PROMPT), "{about}");
}

#[test]
fn at_the_prompt_ctrl_c_ends_the_chat() {
    let data = tempfile::tempdir().unwrap();
    let mut chat = Terminal::chat(data.path(), &[], &[]);
    chat.read_to("> ");
    chat.press_ctrl_c();
    assert_eq!(chat.process.wait().unwrap().code(), Some(130));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_model_cannot_steer_the_terminal() {
    let data = tempfile::tempdir().unwrap();
    let provider = ScriptedProvider::start().await.unwrap();
    provider.reply(Reply::of([Step::Text("mine\u{1b}[2K\u{9b}2Jand\nyours".to_owned())]));
    let url = provider.openai_url();
    let chat = Terminal::chat(data.path(), &["hello"], &scripted(&url));
    let (told, well) = chat.rest();
    assert!(well && told.contains("mine\\u{1b}[2K\\u{9b}2Jand\r\nyours"), "{told:?}");
}

#[test]
fn ctrl_c_at_a_password_leaves_a_terminal_that_shows_what_is_typed() {
    let data = tempfile::tempdir().unwrap();
    let mut admin = Terminal::start(data.path(), &["admin", "create-user", "ada@example.org"], &[]);
    // Its settings last as long as somebody has it.
    let _kept = other_end(&admin.screen);
    admin.read_to("Password: ");
    assert!(admin.hides_what_is_typed());
    admin.press_ctrl_c();
    assert_eq!(admin.process.wait().unwrap().code(), Some(130));
    assert!(!admin.hides_what_is_typed());
}
