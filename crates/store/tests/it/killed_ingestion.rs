//! kill -9 in the middle of reading: what was acknowledged is there, and nothing is half there.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

use uuid::Uuid;
use vpaura_domain::{
    CollectionId, DocumentId, DocumentStatus, IdGen, Page, RandomIds, Scope, Visibility,
};
use vpaura_store::{ClaimTurns, DocumentFilter};

use crate::db::{self, TestDb};
use crate::knowledge_fixtures::LEASE;

/// Tells the child where to write.
const PLACE: &str = "VPAURA_TEST_INGESTION_DB";
/// Chunks of each document.
const CHUNKS: [&str; 3] = ["word first", "word second", "word third"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_are_whole_after_kill_9() {
    db::on_sqlite(|db| async move {
        let all = Scope::operator();
        let collection = db.collection(&all, Visibility::Workspace).await;
        let mut acknowledged = Vec::new();
        for _kill in 0..4 {
            acknowledged.extend(read_and_kill(&db, collection, 30));
        }
        let mut ready = Vec::new();
        let mut page = Page { limit: 100, ..Page::default() };
        loop {
            let filter = DocumentFilter::default();
            let listed = db.store.list_documents(&all, collection, &page, &filter).await.unwrap();
            for document in listed.items {
                let chunks = db
                    .store
                    .list_chunks(&all, collection, document.id, &Page::default())
                    .await
                    .unwrap()
                    .items;
                let is_ready = document.status == DocumentStatus::Ready;
                assert_eq!(chunks.len(), if is_ready { CHUNKS.len() } else { 0 });
                ready.extend(is_ready.then_some(document.id));
            }
            let Some(next) = listed.next_cursor else { break };
            page.cursor = Some(next);
        }
        assert!(acknowledged.iter().all(|id| ready.contains(id)));
        // The index shows each of them, and each once.
        let found = db.found(&all, "second").await;
        let mut shown: Vec<DocumentId> = found.into_iter().map(|it| it.document.id).collect();
        shown.sort();
        ready.sort();
        assert_eq!(shown, ready);
    })
    .await;
}

/// Lets a child read documents until it has acknowledged `count`, and kills it in mid-work.
fn read_and_kill(db: &TestDb, collection: CollectionId, count: usize) -> Vec<DocumentId> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed_ingestion::child", "--ignored", "--nocapture"])
        .env(PLACE, format!("{} {collection}", db.settings.url))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let acknowledged: Vec<DocumentId> = lines
        .map_while(Result::ok)
        .filter_map(|line| line.strip_prefix("ready ")?.parse().ok())
        .take(count)
        .collect();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(acknowledged.len(), count);
    acknowledged
}

/// Adds documents and reads them, and says of each when it is ready, until killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process that documents_are_whole_after_kill_9 kills"]
async fn child() {
    let place = std::env::var(PLACE).expect("started by the test above");
    let (url, collection) = place.split_once(' ').unwrap();
    let db = db::open(url.to_owned(), Arc::new(RandomIds)).await;
    let (all, server): (Scope, Uuid) = (Scope::operator(), RandomIds.uuid());
    let mut out = std::io::stdout();
    loop {
        for _ in 0..4 {
            db.document(&all, collection.parse().unwrap(), "d").await;
        }
        let claimed =
            db.store.claim_documents(server, 4, LEASE, &ClaimTurns::default()).await.unwrap();
        let all: Vec<_> = claimed.iter().map(|it| (it, &CHUNKS[..])).collect();
        let commit = db.commit_of(&all, &[]).await;
        for id in db.store.commit_documents(commit).await.unwrap() {
            writeln!(out, "ready {id}").unwrap();
        }
    }
}
