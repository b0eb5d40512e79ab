//! Uploads, and answers that quote them.

use bytes::Bytes;
use futures_util::stream;
use vpaura_domain::{Part, RunEventKind, Scope};
use vpaura_engine::{Engine, Error, RunInput, StartRun, Upload};

use crate::support::{World, say, say_in, to_end, visitor};

const POLICY: &str = "# Opening hours\n\nWe are open from nine to five.\n\n\
    # Refunds\n\nCustomers in the EU get 85 percent back within 30 days.\n";

pub(crate) async fn upload(
    engine: &Engine,
    me: &Scope,
    name: &str,
    text: &[u8],
) -> Result<Upload, Error> {
    let pieces: Vec<Result<Bytes, Error>> =
        text.chunks(7).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    engine.upload_file(me, None, name, stream::iter(pieces), None).await
}

#[tokio::test]
async fn the_built_in_model_quotes_an_attached_file_with_a_true_citation() {
    let world = World::new();
    let engine = world.builtin_engine().await;
    let me = visitor(&engine).await;
    let file = upload(&engine, &me, "policy.md", POLICY.as_bytes()).await.unwrap().file;
    assert_eq!(file.media_type, "text/markdown");
    let input = RunInput::Message {
        text: "How much do EU customers get back as refund?".into(),
        file_ids: vec![file.id],
        parent_id: None,
        history: Vec::new(),
    };
    let mut started = engine.start_run(&me, StartRun { input, ..say("") }).await.unwrap();
    let events = to_end(&mut started.reader).await.unwrap();
    let Some(RunEventKind::RunCompleted { message }) = events.last().map(|e| &e.kind) else {
        panic!("completed, not {:?}", events.last());
    };
    assert!(message.text().contains("85 percent"), "{}", message.text());
    let citation = message.parts.iter().find_map(|part| match part {
        Part::Citation(citation) => Some(citation),
        _ => None,
    });
    let citation = citation.expect("a citation");
    let (_, text) = engine.file_text(&me, citation.file_id.unwrap()).await.unwrap();
    let span: String = text
        .text
        .chars()
        .skip(citation.start as usize)
        .take((citation.end - citation.start) as usize)
        .collect();
    assert_eq!(span, citation.quote);
    assert!(span.contains("85 percent"));
    assert!(message.text().contains(&format!("[{}]", citation.index)));

    // A later question still finds the file; another visitor's does not.
    let later = say_in(started.run.conversation_id, "When are you open?");
    let mut later = engine.start_run(&me, later).await.unwrap();
    let events = to_end(&mut later.reader).await.unwrap();
    assert!(events.iter().any(|event| matches!(event.kind, RunEventKind::Citation { .. })));
    let other = visitor(&engine).await;
    let input = RunInput::Message {
        text: "refund?".into(),
        file_ids: vec![file.id],
        parent_id: None,
        history: Vec::new(),
    };
    let stolen = engine.start_run(&other, StartRun { input, ..say("") }).await;
    assert!(matches!(stolen, Err(Error::NotFound(_))), "{stolen:?}");
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_leaves_nothing() {
    let world = World::new();
    let engine = world.builtin_engine().await;
    let me = visitor(&engine).await;
    for (name, content) in [("a.zip", &b"PK\x03\x04 rest of it"[..]), ("a.txt", b"a\0b\x01\x02")] {
        let refused = upload(&engine, &me, name, content).await;
        assert!(matches!(refused, Err(Error::UnsupportedFile(_))), "{name}: {refused:?}");
    }
    for (name, content) in [("a.txt", &b"%PDF-1.7 rest"[..]), ("a.txt", b" \n ")] {
        let refused = upload(&engine, &me, name, content).await;
        assert!(matches!(refused, Err(Error::UnreadableFile(_))), "{name}: {refused:?}");
    }
    assert!(matches!(upload(&engine, &me, "a.txt", b"").await, Err(Error::Invalid { .. })));
    let big = vec![b'a'; 11 * 1024 * 1024];
    let refused = upload(&engine, &me, "a.txt", &big).await;
    assert!(matches!(refused, Err(Error::FileTooLarge { .. })), "{refused:?}");
    let own = world.folder.path().join("files/incoming/0");
    let left = std::fs::read_dir(own).unwrap().flatten().filter(|it| it.file_name() != ".lock");
    let left = left.count();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn the_same_bytes_under_another_name_may_be_another_text() {
    let world = World::new();
    let engine = world.builtin_engine().await;
    let me = visitor(&engine).await;
    let bytes = b"name,age\nAda,36\n";
    let table = upload(&engine, &me, "people.csv", bytes).await.unwrap().file;
    let plain = upload(&engine, &me, "people.txt", bytes).await.unwrap().file;
    assert_eq!(table.sha256, plain.sha256);
    for _ in 0..2 {
        let (_, text) = engine.file_text(&me, table.id).await.unwrap();
        assert!(text.text.contains("| Ada"), "{}", text.text);
        let (_, text) = engine.file_text(&me, plain.id).await.unwrap();
        assert_eq!(text.text, "name,age\nAda,36");
    }
    // What one leaves the other still has; the last one takes everything along.
    engine.delete_file(&me, table.id).await.unwrap();
    engine.file_text(&me, plain.id).await.unwrap();
    engine.delete_file(&me, plain.id).await.unwrap();
    until_gone(&world).await;
}

/// Names of the contents that are there.
fn contents(world: &World) -> Vec<String> {
    let folders = std::fs::read_dir(world.folder.path().join("files")).unwrap().flatten();
    let folders = folders.filter(|folder| folder.file_name() != "incoming");
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.path()).unwrap().flatten());
    files.map(|file| file.file_name().to_string_lossy().into_owned()).collect()
}

async fn until_gone(world: &World) {
    while !contents(world).is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_content_that_one_removes_while_another_adds_it_is_there() {
    let world = World::new();
    let engine = world.builtin_engine().await;
    let (one, two) = (visitor(&engine).await, visitor(&engine).await);
    let mut last = upload(&engine, &one, "notes.txt", b"the same").await.unwrap().file.id;
    for turn in 0..100 {
        let (goes, comes) = if turn % 2 == 0 { (&one, &two) } else { (&two, &one) };
        let (gone, added) = tokio::join!(
            engine.delete_file(goes, last),
            upload(&engine, comes, "notes.txt", b"the same"),
        );
        gone.unwrap();
        last = added.unwrap().file.id;
        let (_, text) = engine.file_text(comes, last).await.unwrap();
        assert_eq!(text.text, "the same", "turn {turn}");
    }
    engine.delete_file(&one, last).await.unwrap();
    until_gone(&world).await;
}

#[tokio::test]
async fn bytes_that_a_killed_server_left_go_with_the_next_start() {
    let world = World::new();
    let engine = world.builtin_engine().await;
    let me = visitor(&engine).await;
    let file = upload(&engine, &me, "notes.txt", b"words").await.unwrap().file;
    assert_eq!(contents(&world).len(), 2);
    engine.stop(std::time::Duration::ZERO).await;
    let store = world.store().await;
    assert!(store.delete_file(&me, file.id).await.unwrap());
    store.close().await.unwrap();
    let _engine = world.builtin_engine().await;
    until_gone(&world).await;
}
