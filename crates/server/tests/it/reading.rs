//! Files that take long to be read: whom they hold up, and whom they do not.

use std::path::Path;
use std::time::Duration;

use futures_util::future::join;
use http::StatusCode;
use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use vpaura_knowledge::extract::{ExtractLimits, Extractor};
use vpaura_test_support::{HeldChild, HeldChildren};

use crate::app::{Answer, Client, TestApp, at};
use crate::files::{form_of_bytes, send_to, upload};

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(600);

/// An application whose files are read when the test lets them.
struct Slow {
    app: TestApp,
    children: HeldChildren,
    _folder: TempDir,
}

impl Slow {
    /// So many files at once; people wait for this long.
    async fn start(places: usize, wait: Duration) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let children = HeldChildren::at(&folder.path().join("children")).expect("a socket");
        let variables = [("VPAURA__SERVER__TRUSTED_PROXIES", "::/0")];
        let app = TestApp::reading(&variables, |limits| {
            let limits = ExtractLimits { children: places, wait, ..limits };
            Extractor::new(children.program(), limits)
        });
        Self { app: app.await, children, _folder: folder }
    }

    /// The next child that is started.
    async fn child(&self) -> HeldChild {
        self.children.next().await.expect("a child")
    }

    /// An upload, whose file is read at once when it is the next.
    async fn upload_at_once(&self, client: &Client, words: &str) -> Answer {
        let read = async {
            let child = self.child().await;
            assert!(child.reads(words), "the next one is {words}");
            child.go().await.expect("it reads");
        };
        join(upload(client, "page.html", &page(words)), read).await.0
    }
}

/// A file that only a child reads.
fn page(words: &str) -> String {
    format!("<html><body><h1>Quokkas</h1><p>{words} they smile all day.</p></body></html>")
}

fn uploading(client: &Client, words: &str) -> JoinHandle<Answer> {
    let (client, page) = (client.clone(), page(words));
    tokio::spawn(async move { upload(&client, "page.html", &page).await })
}

#[tokio::test]
async fn slow_files_of_one_hold_up_nobody_else() {
    let slow = Slow::start(2, LONG).await;
    let (greedy, other) = (slow.app.visitor().await, slow.app.visitor().await);
    let uploads: Vec<_> = (0..3).map(|_| uploading(&greedy, "Slowly")).collect();
    let held = slow.child().await;
    for words in ["First", "Second", "Third"] {
        let answer = slow.upload_at_once(&other, words).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer}");
    }
    held.go().await.expect("it reads");
    for _ in 1..uploads.len() {
        slow.child().await.go().await.expect("it reads");
    }
    for upload in uploads {
        let answer = upload.await.expect("an answer");
        assert_eq!(answer.status, StatusCode::CREATED, "{answer}");
    }
}

#[tokio::test]
async fn whoever_gets_a_new_session_for_each_file_is_still_one() {
    let slow = Slow::start(2, Duration::from_millis(20)).await;
    let from = |address| slow.app.stranger().with_header("x-forwarded-for", address);
    let greedy = uploading(&from("203.0.113.7"), "Slowly");
    let held = slow.child().await;
    let again = upload(&from("203.0.113.7"), "page.html", &page("Again")).await;
    assert_eq!(again.error(), "503 SERVICE_UNAVAILABLE");
    let other = slow.upload_at_once(&from("203.0.113.8"), "Quickly").await;
    assert_eq!(other.status, StatusCode::CREATED, "{other}");
    held.go().await.expect("it reads");
    assert_eq!(greedy.await.expect("an answer").status, StatusCode::CREATED);
}

#[tokio::test]
async fn whose_turn_does_not_come_is_told_when_to_try_again() {
    let slow = Slow::start(1, Duration::from_millis(20)).await;
    let (greedy, other) = (slow.app.visitor().await, slow.app.visitor().await);
    let greedy = uploading(&greedy, "Slowly");
    let held = slow.child().await;
    let refused = upload(&other, "page.html", &page("Quickly")).await;
    assert_eq!(refused.error(), "503 SERVICE_UNAVAILABLE");
    assert_eq!(refused.header("retry-after"), Some("10"));
    // What needs no child waits for none.
    assert_eq!(upload(&other, "notes.md", "# Notes").await.status, StatusCode::CREATED);
    held.go().await.expect("it reads");
    assert_eq!(greedy.await.expect("an answer").status, StatusCode::CREATED);
    let answer = slow.upload_at_once(&other, "Quickly").await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer}");
}

#[tokio::test]
async fn a_cited_page_is_shown_while_all_files_are_slow() {
    let slow = Slow::start(1, LONG).await;
    let visitor = slow.app.visitor().await;
    let pdf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../knowledge/tests/fixtures/words.pdf");
    let pdf = form_of_bytes("words.pdf", &std::fs::read(pdf).expect("a file"));
    let read = async { slow.child().await.go().await.expect("it reads") };
    let (uploaded, ()) = join(send_to(&visitor, "/files/upload", pdf), read).await;
    assert_eq!(uploaded.status, StatusCode::CREATED, "{uploaded}");
    let question = json!({
        "message": "Which decision did the committee take about the meeting?",
        "file_ids": [uploaded.json()["file_id"]], "model": "builtin/extractive",
    });
    let turn = visitor.post("/chat/message", question).await.json();
    let message = at(&turn, "/message_id");

    let greedy = uploading(&slow.app.visitor().await, "Slowly");
    let held = slow.child().await;
    let drawn = async { slow.child().await.go().await.expect("it draws") };
    let path = format!("/messages/{message}/citations/1/pages/1");
    let (page, ()) = join(visitor.get(&path), drawn).await;
    assert_eq!((page.status, page.header("content-type")), (StatusCode::OK, Some("image/png")));
    assert!(page.body.starts_with(b"\x89PNG"));
    held.go().await.expect("it reads");
    assert_eq!(greedy.await.expect("an answer").status, StatusCode::CREATED);
}
