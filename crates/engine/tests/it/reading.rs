//! Whose files are read while others take long.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join;
use futures_util::stream;
use vpaura_domain::{Document, DocumentStatus, Origin, Scope};
use vpaura_engine::{Engine, Error, Labels, NewCollection, Upload};
use vpaura_knowledge::extract::{ExtractLimits, Extractor};
use vpaura_test_support::HeldChildren;

use crate::support::{World, visitor};

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(600);

/// A world in which files are read when the test lets them.
fn slow(places: usize, wait: Duration) -> (World, HeldChildren) {
    let mut world = World::new();
    let children = HeldChildren::at(&world.folder.path().join("children")).unwrap();
    let limits = ExtractLimits {
        memory: 512 << 20,
        cpu: Duration::from_secs(60),
        wall: LONG,
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
    let me = visitor(engine).await;
    let read = async {
        let child = children.next().await.unwrap();
        assert!(child.reads(words), "the next one is {words}");
        child.go().await.unwrap();
    };
    join(upload(engine, &me, words), read).await.0.unwrap()
}

/// A collection with a document for each of these words.
async fn collection(engine: &Engine, documents: &[&str]) -> Vec<Document> {
    let (scope, origin) = (Scope::operator(), Origin::default());
    let new = NewCollection { name: documents.concat(), ..Default::default() };
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
    // Both readers have a document, so that what comes now is claimed together.
    collection(&engine, &["Before"]).await;
    let before = children.next().await.unwrap();
    collection(&engine, &["Beside"]).await;
    let beside = children.next().await.unwrap();
    let quick = collection(&engine, &["Quickly"]).await;
    world.clock.advance(Duration::from_millis(1));
    let slow = collection(&engine, &["Slowly"]).await;
    before.go().await.unwrap();
    let child = children.next().await.unwrap();
    assert!(child.reads("Quickly"));
    child.go().await.unwrap();
    let held = children.next().await.unwrap();
    assert!(held.reads("Slowly"));
    until_ready(&engine, &quick[0]).await;
    held.go().await.unwrap();
    beside.go().await.unwrap();
    until_ready(&engine, &slow[0]).await;
}
