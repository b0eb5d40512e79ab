//! The index kept in order in the background, where an embedder does not take every text.

use std::time::Duration;

use vpaura_domain::{CollectionId, Scope, Visibility};
use vpaura_engine::{Engine, SearchBy, SearchQuery};

use crate::library::{Topics, add, asked, collection, names, until};
use crate::support::World;

const ME: Scope = Scope::operator();

/// Waits until the collection is searched with vectors of this model.
async fn serving(engine: &Engine, id: CollectionId, model: &str) {
    until(async || {
        let serving = engine.get_collection(&ME, id).await.unwrap().embedding.serving?;
        (serving.model == model).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_chunk_that_another_embedder_does_not_take_keeps_no_other_back() {
    let old = Topics::new("test/old", 8);
    let mut world = World { embedder: Some(old), ..World::new() };
    let engine = world.builtin_engine().await;
    let shelf = collection(&engine, &ME, "Shelf", Visibility::Workspace).await;
    for number in 0..5 {
        let text = format!("The automobile number {number} is parked.");
        add(&engine, shelf.id, &format!("{number}.md"), &text).await;
    }
    add(&engine, shelf.id, "tulip.md", "The automobile stands beside a tulip.").await;
    serving(&engine, shelf.id, "test/old").await;
    engine.stop(Duration::ZERO).await;

    let new = Topics::new("test/new", 12);
    new.break_at("tulip");
    world.embedder = Some(new);
    let engine = world.builtin_engine().await;
    serving(&engine, shelf.id, "test/new").await;
    let search = async |query: &str, words: bool| {
        let by = SearchBy { words, vectors: !words };
        engine.search(&ME, SearchQuery { by, ..asked(&[shelf.id], query) }).await.unwrap()
    };
    let near = search("my car", false).await;
    let mut near = names(&near);
    near.sort_unstable();
    assert_eq!(near, ["0.md", "1.md", "2.md", "3.md", "4.md"]);
    assert_eq!(names(&search("tulip", true).await), ["tulip.md"]);
}
