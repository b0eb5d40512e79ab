//! A command that is to end before it is done: by Ctrl-C, or because nobody takes what it tells.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use vpaura_test_support::{Reply, ScriptedProvider, Step};

use crate::server::program;

fn press_ctrl_c(process: &Child) {
    kill_process(Pid::from_child(process), Signal::INT).unwrap();
}

#[test]
fn a_second_ctrl_c_ends_a_chat_whose_server_says_nothing() {
    let data = tempfile::tempdir().unwrap();
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", server.local_addr().unwrap());
    let mut chat = program(data.path());
    chat.args(["chat", "--server", &url, "hello"]).stdin(Stdio::null());
    let mut chat = chat.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let _silent = server.accept().unwrap();
    press_ctrl_c(&chat);
    std::thread::sleep(Duration::from_millis(500));
    assert!(chat.try_wait().unwrap().is_none(), "the first is for the answer");
    // Two signals that come together are one.
    let status = loop {
        press_ctrl_c(&chat);
        std::thread::sleep(Duration::from_millis(100));
        if let Some(status) = chat.try_wait().unwrap() {
            break status;
        }
    };
    assert_eq!(status.code(), Some(130));
}

// The provider must answer while the test reads.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn ctrl_c_stops_an_answer_and_the_rest_of_piped_input() {
    let data = tempfile::tempdir().unwrap();
    let provider = ScriptedProvider::start().await.unwrap();
    provider.reply(Reply::of([Step::Text("so far".to_owned()), Step::Stall]));
    let mut chat = program(data.path());
    chat.arg("chat").env("OPENAI_BASE_URL", provider.openai_url());
    chat.env("LLM_MODEL", "openai/scripted").stdin(Stdio::piped());
    let mut chat = chat.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    chat.stdin.take().unwrap().write_all(b"one\ntwo\n").unwrap();
    let (mut told, mut piece) = (Vec::new(), [0; 64]);
    while !String::from_utf8_lossy(&told).contains("so far") {
        let count = chat.stdout.as_mut().unwrap().read(&mut piece).unwrap();
        assert_ne!(count, 0, "it ended early");
        told.extend_from_slice(&piece[..count]);
    }
    press_ctrl_c(&chat);
    let output = chat.wait_with_output().unwrap();
    let about = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{about}");
    assert_eq!(about.matches("[stopped]").count(), 1, "{about}");
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), "", "nothing else is answered");
}

#[test]
fn nobody_who_reads_on_is_no_failure() {
    let data = tempfile::tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = program(data.path()).args(["graph", "list"]).stdout(writer).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_in_a_line() {
    let data = tempfile::tempdir().unwrap();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = program(data.path()).args(["graph", "list"]).stdout(full).output().unwrap();
    let why = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{why}");
    assert!(why.starts_with("vpaura: ") && why.lines().count() == 1, "{why}");
}
