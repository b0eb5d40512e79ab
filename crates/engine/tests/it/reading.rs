//! Whose files are read while others take long.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::join;
use futures_util::stream;
use tokio::sync::Semaphore;
use vpaura_domain::{Document, DocumentStatus, Origin, RunEventKind, Scope};
use vpaura_engine::{Engine, Error, Labels, NewCollection, NewSession, RunInput, StartRun, Upload};
use vpaura_knowledge::extract::{ExtractLimits, Extractor};
use vpaura_llm::{Embedder, LlmError, Purpose};
use vpaura_test_support::HeldChildren;

use crate::library::Topics;
use crate::support::{World, say, to_end, user, visitor};

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(600);

/// A world in which files are read when the test lets them.
fn slow(places: usize, wait: Duration) -> (World, HeldChildren) {
    within(places, wait, LONG)
}

/// The same, where reading one may take this long.
fn within(places: usize, wait: Duration, wall: Duration) -> (World, HeldChildren) {
    let mut world = World::new();
    let children = HeldChildren::at(&world.folder.path().join("children")).unwrap();
    let limits = ExtractLimits {
        memory: 512 << 20,
        cpu: Duration::from_secs(60),
        wall,
        text_bytes: 8 << 20,
        children: places,
        wait,
    };
    world.extractor = Some(Extractor::new(children.program(), limits));
    (world, children)
}

/// A file that only a child reads.
fn page(words: &str) -> String {
    format!("<html><body><h1>Quokkas</h1><p>{words} they smile all day.</p></body></html>")
}

async fn upload(engine: &Engine, me: &Scope, words: &str) -> Result<Upload, Error> {
    let content = stream::iter([Ok::<_, Error>(Bytes::from(page(words)))]);
    engine.upload_file(me, None, "page.html", content, None).await
}

/// An upload, whose file is read at once when it is the next.
async fn upload_at_once(engine: &Engine, children: &HeldChildren, words: &str) -> Upload {
    upload_of(engine, &visitor(engine).await, children, words).await
}

/// The same of this visitor.
async fn upload_of(engine: &Engine, me: &Scope, children: &HeldChildren, words: &str) -> Upload {
    let read = async {
        let child = children.next().await.unwrap();
        assert!(child.reads(words), "the next one is {words}");
        child.go().await.unwrap();
    };
    join(upload(engine, me, words), read).await.0.unwrap()
}

/// A collection with a document for each of these words.
async fn collection(engine: &Engine, documents: &[&str]) -> Vec<Document> {
    let (scope, origin) = (Scope::operator(), Origin::default());
    let name = documents.concat().chars().take(100).collect();
    let new = NewCollection { name, ..Default::default() };
    let id = engine.create_collection(&scope, new, None, &origin).await.unwrap().id;
    let mut added = Vec::new();
    for words in documents {
        let content = stream::iter([Ok::<_, Error>(Bytes::from(page(words)))]);
        let taken = engine.receive_document(&scope, id, "page.html", content).await.unwrap();
        let kept = engine.keep_document(&scope, taken, Labels::default(), &origin).await.unwrap();
        added.push(kept.document);
    }
    added
}

/// A collection with a document that needs no child.
async fn text(engine: &Engine, words: &str) -> Document {
    let (scope, origin) = (Scope::operator(), Origin::default());
    let new = NewCollection { name: words.to_owned(), ..Default::default() };
    let id = engine.create_collection(&scope, new, None, &origin).await.unwrap().id;
    let content = stream::iter([Ok::<_, Error>(Bytes::from(words.to_owned()))]);
    let taken = engine.receive_document(&scope, id, "note.txt", content).await.unwrap();
    engine.keep_document(&scope, taken, Labels::default(), &origin).await.unwrap().document
}

async fn until_ready(engine: &Engine, document: &Document) {
    loop {
        let (collection, id) = (document.collection_id, document.id);
        let now = engine.get_document(&Scope::operator(), collection, id).await.unwrap();
        assert_eq!(now.error, None);
        if now.status == DocumentStatus::Ready {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn documents_leave_a_child_to_people() {
    let (world, children) = slow(2, LONG);
    let engine = world.builtin_engine().await;
    let documents = collection(&engine, &["Slowly", "More slowly", "Most slowly"]).await;
    let held = children.next().await.unwrap();
    for words in ["First", "Second"] {
        upload_at_once(&engine, &children, words).await;
    }
    held.go().await.unwrap();
    for _ in 1..documents.len() {
        children.next().await.unwrap().go().await.unwrap();
    }
    for document in &documents {
        until_ready(&engine, document).await;
    }
}

#[tokio::test]
async fn a_document_waits_where_a_person_gives_up() {
    let (world, children) = slow(1, Duration::from_millis(20));
    let engine = world.builtin_engine().await;
    let (greedy, other) = (visitor(&engine).await, visitor(&engine).await);
    let greedy = {
        let engine = engine.clone();
        tokio::spawn(async move { upload(&engine, &greedy, "Slowly").await })
    };
    let held = children.next().await.unwrap();
    let [document] = &collection(&engine, &["Patiently"]).await[..] else { panic!("one") };
    let refused = upload(&engine, &other, "Quickly").await;
    assert!(matches!(refused, Err(Error::Busy)), "{refused:?}");
    held.go().await.unwrap();
    greedy.await.unwrap().unwrap();
    let child = children.next().await.unwrap();
    assert!(child.reads("Patiently"));
    child.go().await.unwrap();
    until_ready(&engine, document).await;
}

#[tokio::test]
async fn the_child_of_who_leaves_ends_and_another_has_the_turn() {
    let (world, children) = slow(1, LONG);
    let engine = world.builtin_engine().await;
    let me = visitor(&engine).await;
    let child = {
        let upload = upload(&engine, &me, "Slowly");
        tokio::select! {
            ended = upload => panic!("{ended:?}"),
            child = children.next() => child.unwrap(),
        }
    };
    child.killed().await;
    upload_at_once(&engine, &children, "Quickly").await;
}

#[tokio::test]
async fn what_is_read_is_found_while_the_next_is_slow() {
    let (world, children) = slow(3, LONG);
    let engine = world.builtin_engine().await;
    let quick = collection(&engine, &["Quickly"]).await;
    let first = children.next().await.unwrap();
    let slow = collection(&engine, &["Slowly"]).await;
    let held = children.next().await.unwrap();
    assert!(first.reads("Quickly") && held.reads("Slowly"));
    first.go().await.unwrap();
    until_ready(&engine, &quick[0]).await;
    held.go().await.unwrap();
    until_ready(&engine, &slow[0]).await;
}

#[tokio::test]
async fn a_document_added_behind_many_slow_ones_is_the_next() {
    let (world, children) = slow(3, LONG);
    let engine = world.builtin_engine().await;
    let held = [collection(&engine, &["First"]).await, collection(&engine, &["Second"]).await];
    let [first, second] = [children.next().await.unwrap(), children.next().await.unwrap()];
    let many: Vec<String> = (0..70).map(|n| format!("Many {n}")).collect();
    collection(&engine, &many.iter().map(String::as_str).collect::<Vec<_>>()).await;
    first.go().await.unwrap();
    let of_many = children.next().await.unwrap();
    assert!(of_many.reads("Many"));
    world.clock.advance(Duration::from_millis(1));
    let late = collection(&engine, &["Late"]).await;
    of_many.go().await.unwrap();
    let next = children.next().await.unwrap();
    assert!(next.reads("Late"), "however many of another collection wait");
    next.go().await.unwrap();
    until_ready(&engine, &late[0]).await;
    second.go().await.unwrap();
    children.next().await.unwrap();
    for collection in held {
        until_ready(&engine, &collection[0]).await;
    }
}

/// Embeds documents when the test lets it.
struct Gate {
    topics: Arc<Topics>,
    asked: Semaphore,
    go: Semaphore,
}

#[async_trait]
impl Embedder for Gate {
    fn model(&self) -> &str {
        self.topics.model()
    }

    async fn dimension(&self) -> Result<u32, LlmError> {
        self.topics.dimension().await
    }

    async fn embed(&self, texts: &[String], purpose: Purpose) -> Result<Vec<Vec<f32>>, LlmError> {
        self.asked.add_permits(1);
        let _gone = self.go.acquire().await.expect("open");
        self.topics.embed(texts, purpose).await
    }
}

#[tokio::test]
async fn a_document_is_read_to_its_end_while_no_batch_can_be_committed() {
    let (mut world, children) = within(1, LONG, Duration::from_secs(20));
    let topics = Topics::new("test/topics", 8);
    let gate = Arc::new(Gate { topics, asked: Semaphore::new(0), go: Semaphore::new(0) });
    world.embedder = Some(gate.clone());
    let engine = world.builtin_engine().await;
    // More than a pipe takes.
    let long = "Lengthily ".repeat(20_000);
    let long = collection(&engine, &[&long]).await;
    let held = children.next().await.unwrap();
    let mut others = Vec::new();
    for at in 0..4_u32 {
        others.push(text(&engine, &format!("Quokka {at} smiles.")).await);
        // Each is a batch of its own that is being committed.
        gate.asked.acquire().await.unwrap().forget();
    }
    held.go().await.unwrap();
    // Its child's place is free again.
    upload_at_once(&engine, &children, "Quickly").await;
    gate.go.add_permits(100);
    for document in others.iter().chain(&long) {
        until_ready(&engine, document).await;
    }
}

#[tokio::test]
async fn a_user_is_one_in_all_workspaces() {
    let (world, children) = slow(2, Duration::from_millis(20));
    let engine = world.builtin_engine().await;
    let (_, here) = user(&engine, "greedy").await;
    let (operator, origin) = (Scope::operator(), Origin::default());
    let made = engine.create_workspace(&operator, &origin, "Sales", None).await.unwrap();
    let there = Scope { workspace_id: made.id, ..here };
    let greedy = {
        let engine = engine.clone();
        tokio::spawn(async move { upload(&engine, &here, "Slowly").await })
    };
    let held = children.next().await.unwrap();
    let refused = upload(&engine, &there, "Elsewhere").await;
    assert!(matches!(refused, Err(Error::Busy)), "{refused:?}");
    held.go().await.unwrap();
    greedy.await.unwrap().unwrap();
}

#[tokio::test]
async fn sessions_that_an_operator_makes_are_not_one_because_of_its_address() {
    let (world, children) = slow(3, Duration::from_millis(20));
    let engine = world.builtin_engine().await;
    let operator = Scope::operator();
    let of = |user_id: Option<&str>| NewSession {
        user_id: user_id.map(str::to_owned),
        ip_address: Some("203.0.113.7".to_owned()),
        ..NewSession::default()
    };
    let mut uploads = Vec::new();
    let mut held = Vec::new();
    for (user_id, words) in [(Some("ann"), "First"), (Some("bob"), "Second"), (None, "Third")] {
        let made = engine.create_session(Some(&operator), of(user_id), None).await.unwrap();
        let (engine, me) = (engine.clone(), Scope::session(made.session.id));
        uploads.push(tokio::spawn(async move { upload(&engine, &me, words).await }));
        held.push(children.next().await.unwrap());
    }
    for child in held {
        child.go().await.unwrap();
    }
    for upload in uploads {
        upload.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_run_whose_file_cannot_be_read_now_says_so() {
    let (world, children) = slow(1, Duration::from_millis(20));
    let engine = world.builtin_engine().await;
    let me = visitor(&engine).await;
    let file = upload_of(&engine, &me, &children, "Kept").await.file;
    // As if what it says had not been kept.
    let sha256 = &file.sha256;
    let kept = format!("files/{}/{sha256}.text", &sha256[..2]);
    std::fs::remove_file(world.folder.path().join(kept)).unwrap();
    let other = visitor(&engine).await;
    let slow = {
        let engine = engine.clone();
        tokio::spawn(async move { upload(&engine, &other, "Slowly").await })
    };
    let held = children.next().await.unwrap();
    let input = RunInput::Message {
        text: "What do quokkas do?".into(),
        file_ids: vec![file.id],
        parent_id: None,
        history: Vec::new(),
    };
    let mut started = engine.start_run(&me, StartRun { input, ..say("") }).await.unwrap();
    let events = to_end(&mut started.reader).await.unwrap();
    let Some(RunEventKind::RunFailed { code, message }) = events.last().map(|it| &it.kind) else {
        panic!("failed, not {:?}", events.last());
    };
    assert_eq!(code, "SERVICE_UNAVAILABLE");
    assert!(message.starts_with("Many files are being read"), "{message}");
    held.go().await.unwrap();
    slow.await.unwrap().unwrap();
}
