//! Searches while what they go over changes.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::{Notify, Semaphore};
use vpaura_domain::{
    Collection, CollectionId, Document, DocumentStatus, Origin, Page, Scope, Visibility,
};
use vpaura_engine::{
    ChunkUpdate, DocumentMatch, Engine, MetadataCondition, MetadataTest, MetadataValue, SearchBy,
    SearchQuery,
};
use vpaura_llm::{Embedder, LlmError, Purpose};

use crate::library::{Topics, add_noted, asked, collection, names, until};
use crate::support::World;

const ME: Scope = Scope::operator();

/// Embeds a query when the test lets it: the search knows then what it goes over, and has not read
/// any of it.
struct Held {
    topics: Arc<Topics>,
    asked: Notify,
    go: Semaphore,
}

#[async_trait]
impl Embedder for Held {
    fn model(&self) -> &str {
        self.topics.model()
    }

    async fn dimension(&self) -> Result<u32, LlmError> {
        self.topics.dimension().await
    }

    async fn embed(&self, texts: &[String], purpose: Purpose) -> Result<Vec<Vec<f32>>, LlmError> {
        if purpose == Purpose::Query {
            self.asked.notify_one();
            self.go.acquire().await.expect("open").forget();
        }
        self.topics.embed(texts, purpose).await
    }
}

/// A collection with one document that has vectors, and the embedder that holds queries up.
async fn shelf(world: &mut World) -> (Engine, Arc<Held>, Collection, Document) {
    let topics = Topics::new("test/topics", 8);
    let held = Arc::new(Held { topics, asked: Notify::new(), go: Semaphore::new(0) });
    world.embedder = Some(held.clone());
    let engine = world.builtin_engine().await;
    let shelf = collection(&engine, &ME, "Shelf", Visibility::Workspace).await;
    let noted = serde_json::json!({ "kind": "law" });
    let text = "An automobile needs a licence plate.";
    let document = add_noted(&engine, shelf.id, "drive.md", text, noted).await;
    until(async || {
        let collection = engine.get_collection(&ME, shelf.id).await.unwrap();
        collection.embedding.serving.is_some().then_some(())
    })
    .await;
    (engine, held, shelf, document)
}

/// Gives the document's chunk another number.
async fn edit(engine: &Engine, document: &Document, words: &str) {
    let (shelf, page) = (document.collection_id, Page::default());
    let chunks = engine.list_chunks(&ME, shelf, document.id, &page).await.unwrap();
    let update = ChunkUpdate { text: Some(words.to_owned()), ..ChunkUpdate::default() };
    engine.update_chunk(&ME, shelf, chunks.items[0].id, update, &Origin::default()).await.unwrap();
}

/// The ways of asking for the document.
fn queries(shelf: CollectionId) -> Vec<SearchQuery> {
    let query = asked(&[shelf], "car with a plate");
    let by = SearchBy { words: false, vectors: true };
    let test = MetadataTest::OneOf(vec![MetadataValue::Text("law".into())]);
    let metadata = vec![MetadataCondition { key: "kind".into(), test }];
    let filter = DocumentMatch { metadata, ..DocumentMatch::default() };
    vec![
        query.clone(),
        SearchQuery { by, ..query.clone() },
        SearchQuery { filter, ..query.clone() },
        query,
    ]
}

#[tokio::test]
async fn a_chunk_that_is_edited_during_a_search_is_found() {
    let mut world = World::new();
    let (engine, held, shelf, document) = shelf(&mut world).await;
    for (number, query) in (0..).zip(queries(shelf.id)) {
        let meanwhile = async {
            held.asked.notified().await;
            edit(&engine, &document, &format!("A car needs a plate, number {number}.")).await;
            // Once for the search that is under way, and once for what has changed.
            held.go.add_permits(2);
        };
        let (found, ()) = tokio::join!(engine.search(&ME, query), meanwhile);
        let found = found.unwrap();
        assert_eq!(names(&found), ["drive.md"], "{number}");
        assert!(found.hits[0].chunk.text.ends_with(&format!("{number}.")), "{found:?}");
        held.asked.notified().await;
        assert_eq!(held.go.available_permits(), 0, "{number}");
    }
}

#[tokio::test]
async fn a_document_that_is_indexed_anew_during_a_ranking_is_ranked() {
    let mut world = World::new();
    let (engine, held, shelf, document) = shelf(&mut world).await;
    let before = engine.list_chunks(&ME, shelf.id, document.id, &Page::default()).await.unwrap();
    let meanwhile = async {
        held.asked.notified().await;
        engine.reindex_document(&ME, shelf.id, document.id).await.unwrap();
        until(async || {
            let page = Page::default();
            let now = engine.list_chunks(&ME, shelf.id, document.id, &page).await.unwrap();
            let document = engine.get_document(&ME, shelf.id, document.id).await.unwrap();
            let is_new = now.items[0].id != before.items[0].id;
            (is_new && document.status == DocumentStatus::Ready).then_some(())
        })
        .await;
        held.go.add_permits(2);
    };
    let query = asked(&[shelf.id], "car with a plate");
    let (ranked, ()) = tokio::join!(engine.rank_documents(&ME, &query), meanwhile);
    let ranked = ranked.unwrap();
    let ids: Vec<_> = ranked.documents.iter().map(|it| it.id).collect();
    assert_eq!((ids, ranked.notice), (vec![document.id], None));
}

#[tokio::test]
async fn a_search_below_which_all_changes_all_the_time_ends() {
    let mut world = World::new();
    let (engine, held, shelf, document) = shelf(&mut world).await;
    let mut times = 0;
    let changing = async {
        loop {
            held.asked.notified().await;
            times += 1;
            edit(&engine, &document, &format!("A car needs a plate, number {times}.")).await;
            held.go.add_permits(1);
        }
    };
    let found = tokio::select! {
        found = engine.search(&ME, asked(&[shelf.id], "car with a plate")) => found.unwrap(),
        never = changing => never,
    };
    assert_eq!((found.notice, times), (None, 3));
}

#[tokio::test]
async fn what_is_only_added_during_a_search_is_not_searched_for_again() {
    let mut world = World::new();
    let (engine, held, shelf, _) = shelf(&mut world).await;
    let meanwhile = async {
        held.asked.notified().await;
        let noted = serde_json::json!({});
        add_noted(&engine, shelf.id, "other.md", "The car park is full.", noted).await;
        held.go.add_permits(1);
    };
    let search = engine.search(&ME, asked(&[shelf.id], "automobile licence"));
    let (found, ()) = tokio::join!(search, meanwhile);
    let found = found.unwrap();
    assert_eq!((names(&found), &found.notice), (vec!["drive.md"], &None));
}
