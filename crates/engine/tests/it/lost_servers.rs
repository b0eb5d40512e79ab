//! What a server that died was reading is read by the next one, one document at a time.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use uuid::Uuid;
use vpaura_domain::{Metadata, Origin, Scope, Visibility};
use vpaura_engine::{NewDocument, NewSource};
use vpaura_store::ClaimTurns;

use crate::library::{Topics, add, collection, until};
use crate::support::World;

const ME: Scope = Scope::operator();
const TEXTS: [&str; 5] = ["A car.", "A doctor.", "A refund.", "An ocean.", "A harbour."];

#[tokio::test]
async fn what_a_dead_server_held_is_read_one_after_the_other_and_then_the_rest() {
    let topics = Topics::new("test/topics", 4);
    let world = World { embedder: Some(topics.clone()), ..World::new() };
    let engine = world.builtin_engine().await;
    let shelf = collection(&engine, &ME, "Shelf", Visibility::Workspace).await;
    until(async || {
        let collection = engine.get_collection(&ME, shelf.id).await.unwrap();
        collection.embedding.serving.map(drop)
    })
    .await;
    topics.is_out.store(true, Ordering::Relaxed);
    for text in TEXTS {
        let source = NewSource::Text(text.to_owned());
        let new = NewDocument { name: None, source, metadata: Metadata::default() };
        let origin = Origin::default();
        let added = engine.add_document(&ME, shelf.id, new, None, &origin).await.unwrap();
        until(async || {
            let document = engine.get_document(&ME, shelf.id, added.id).await.unwrap();
            document.error.map(drop)
        })
        .await;
    }
    engine.stop(Duration::ZERO).await;
    topics.is_out.store(false, Ordering::Relaxed);
    world.clock.advance(Duration::from_secs(60));
    let (dead, turns) = (Uuid::from_u128(666), ClaimTurns::default());
    let store = world.store().await;
    let claimed = store.claim_documents(dead, 10, Duration::ZERO, &turns).await.unwrap();
    assert_eq!(claimed.len(), TEXTS.len());

    let (before, began) = (topics.calls.load(Ordering::Relaxed), Instant::now());
    let engine = world.builtin_engine().await;
    until(async || {
        let counts = engine.get_collection(&ME, shelf.id).await.unwrap().counts;
        (counts.documents_ready == TEXTS.len() as u64).then_some(())
    })
    .await;
    assert_eq!(topics.calls.load(Ordering::Relaxed) - before, TEXTS.len(), "each alone");
    // The next is not found by looking every few seconds.
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    assert_eq!(store.renew_document_leases(dead, Duration::ZERO).await.unwrap(), 0);
    add(&engine, shelf.id, "last", "A tulip.").await;
}
