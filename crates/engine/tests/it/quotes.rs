//! What a run quotes, for those who read it as it is written, and for those who read it later.

use std::collections::BTreeMap;

use serde_json::json;
use vpaura_domain::{
    ChatbotSettings, Collection, Document, Origin, Part, RunEvent, RunEventKind, Scope, Visibility,
};
use vpaura_engine::{CollectionUpdate, Engine, NewChatbot, StartRun};
use vpaura_llm::{ModelEvent, StopReason};

use crate::library::{add, collection};
use crate::support::{World, calls, say, text_of, to_end, until_text, visitor};

const ME: Scope = Scope::operator();
pub(crate) const SECRET: &str = "The heliotrope turns to the sun.";
pub(crate) const RENAME: &str = r#"{"title":"Flowers"}"#;

pub(crate) struct Shelf {
    pub(crate) collection: Collection,
    document: Document,
    /// Whoever asks.
    pub(crate) visitor: Scope,
    pub(crate) question: StartRun,
}

impl Shelf {
    pub(crate) async fn new(engine: &Engine) -> Self {
        let collection = collection(engine, &ME, "Shelf", Visibility::Workspace).await;
        let document = add(engine, collection.id, "flowers.md", SECRET).await;
        add(engine, collection.id, "trees.md", "The willow turns to the water.").await;
        let settings =
            ChatbotSettings { collections: vec![collection.id], ..ChatbotSettings::default() };
        let new = NewChatbot { name: "Desk".into(), settings, ..NewChatbot::default() };
        let chatbot = engine.create_chatbot(&ME, new, None, &Origin::default()).await.unwrap();
        let question = say("What turns to the sun, and what to the water?");
        let question = StartRun { chatbot_id: Some(chatbot.id), ..question };
        Self { collection, document, visitor: visitor(engine).await, question }
    }

    pub(crate) async fn delete(&self, engine: &Engine) {
        let (shelf, document) = (self.collection.id, self.document.id);
        engine.delete_document(&ME, shelf, document, &Origin::default()).await.unwrap();
    }

    pub(crate) async fn hide(&self, engine: &Engine) {
        self.make(engine, Visibility::Private).await;
    }

    pub(crate) async fn make(&self, engine: &Engine, visibility: Visibility) {
        let visibility = Some(visibility);
        let update = CollectionUpdate { visibility, ..CollectionUpdate::default() };
        let shelf = self.collection.id;
        engine.update_collection(&ME, shelf, update, &Origin::default()).await.unwrap();
    }
}

/// A model's turn that looks something up, and one that asks first.
pub(crate) fn searches_and_asks(world: &World) {
    let query = json!({ "query": "turns to the sun" }).to_string();
    calls(world, &[("c1", "search_collections", &query), ("c2", "rename_conversation", RENAME)]);
}

/// A model's turn that cites these.
pub(crate) fn cites(world: &World, numbers: &[u32]) {
    let script = world.model.script();
    script.text("It is so.");
    numbers.iter().for_each(|&passage| script.push(ModelEvent::Citation { passage }));
    script.end();
}

/// What the model was asked last.
pub(crate) fn asked(world: &World) -> String {
    let request = world.model.requests().pop().unwrap();
    let passages: Vec<&str> = request.passages.iter().map(|it| it.text.as_ref()).collect();
    serde_json::to_string(&(request.messages, passages)).unwrap()
}

pub(crate) fn told(events: &[RunEvent]) -> String {
    serde_json::to_string(events).unwrap()
}

#[tokio::test]
async fn who_comes_to_a_run_later_reads_what_is_theirs_to_see_then() {
    let world = World::new();
    let engine = world.engine().await;
    let shelf = Shelf::new(&engine).await;
    let me = shelf.visitor;
    let query = json!({ "query": "turns to the sun" }).to_string();
    calls(&world, &[("c1", "search_collections", &query)]);
    let script = world.model.script();
    script.text("It is");
    let mut first = engine.start_run(&me, shelf.question.clone()).await.unwrap();
    let mut live = until_text(&mut first.reader, "It is").await;
    assert!(told(&live).contains(SECRET), "{live:?}");
    shelf.delete(&engine).await;
    // The run goes on; who comes now is told nothing of what is gone.
    let mut second = engine.follow_run(&me, first.run.id, 0).await.unwrap();
    let mut later = until_text(&mut second, "It is").await;
    script.text(" so.");
    [1, 2, 3].into_iter().for_each(|passage| script.push(ModelEvent::Citation { passage }));
    script.end();
    live.extend(to_end(&mut first.reader).await.unwrap());
    later.extend(to_end(&mut second).await.unwrap());
    assert_eq!((text_of(&live), text_of(&later)), ("It is so.".into(), "It is so.".into()));
    assert!(!told(&later).contains("heliotrope"), "{later:?}");
    assert!(told(&later).contains("willow"), "{later:?}");
    let numbers = |events: &[RunEvent]| events.iter().map(|event| event.seq).collect::<Vec<_>>();
    assert_eq!(numbers(&live), numbers(&later));
    let answer = engine.get_message(&me, first.run.message_id).await.unwrap();
    let gone = answer.parts.iter().filter_map(|part| match part {
        Part::Citation(citation) => Some((citation.index, citation.gone)),
        Part::ToolResult { gone, .. } => Some((0, *gone)),
        _ => None,
    });
    let gone: BTreeMap<u32, bool> = gone.collect();
    assert!(gone[&0] && gone.values().any(|gone| !gone), "{gone:?}");
}

#[tokio::test]
async fn a_run_that_waited_goes_on_without_what_is_gone() {
    for is_deleted in [true, false] {
        let world = World::new();
        let engine = world.engine().await;
        let shelf = Shelf::new(&engine).await;
        let me = shelf.visitor;
        searches_and_asks(&world);
        let mut started = engine.start_run(&me, shelf.question.clone()).await.unwrap();
        let before = to_end(&mut started.reader).await.unwrap();
        assert!(told(&before).contains(SECRET) && asked(&world).contains(SECRET));
        match is_deleted {
            true => shelf.delete(&engine).await,
            false => shelf.hide(&engine).await,
        }
        cites(&world, &[1, 2]);
        let asks = engine.run_detail(&me, started.run.id).await.unwrap().asks;
        let yes = asks.iter().map(|ask| (ask.id.clone(), json!(true))).collect();
        engine.resume_run(&me, started.run.id, yes).await.unwrap();
        let mut again = engine.follow_run(&me, started.run.id, 0).await.unwrap();
        let after = to_end(&mut again).await.unwrap();
        assert_eq!(text_of(&after), "It is so.");
        assert!(!told(&after).contains("heliotrope"), "{after:?}");
        let asked = asked(&world);
        assert!(asked.contains("is not shown again") && asked.contains("Flowers"), "{asked}");
        assert!(!asked.contains("heliotrope"), "{asked}");
        // What is left keeps its number.
        assert_eq!(asked.contains("The willow"), is_deleted, "{asked}");
        let passages = world.model.requests().pop().unwrap().passages;
        let left: Vec<_> = passages.iter().map(|it| (it.index, it.document.as_str())).collect();
        let trees = number_of_trees(&world);
        assert_eq!(left, if is_deleted { vec![(trees, "trees.md")] } else { vec![] });
    }
}

/// The number of the passage about trees in the run's first prompt.
fn number_of_trees(world: &World) -> u32 {
    let first = world.model.requests().into_iter().next().unwrap();
    first.passages.iter().find(|it| it.document == "trees.md").unwrap().index
}

#[tokio::test]
async fn a_run_that_waited_goes_on_with_what_is_still_there() {
    let world = World::new();
    let engine = world.engine().await;
    let shelf = Shelf::new(&engine).await;
    let me = shelf.visitor;
    searches_and_asks(&world);
    let mut started = engine.start_run(&me, shelf.question.clone()).await.unwrap();
    to_end(&mut started.reader).await.unwrap();
    cites(&world, &[1]);
    let asks = engine.run_detail(&me, started.run.id).await.unwrap().asks;
    let yes = asks.iter().map(|ask| (ask.id.clone(), json!(true))).collect();
    engine.resume_run(&me, started.run.id, yes).await.unwrap();
    let mut again = engine.follow_run(&me, started.run.id, 0).await.unwrap();
    let events = to_end(&mut again).await.unwrap();
    let asked = asked(&world);
    assert!(asked.contains(SECRET) && !asked.contains("is not shown again"), "{asked}");
    let cited = events
        .iter()
        .any(|event| matches!(&event.kind, RunEventKind::Citation { citation } if !citation.gone));
    assert!(cited && told(&events).contains(SECRET), "{events:?}");
}

#[tokio::test]
async fn what_was_cited_before_the_run_waited_is_not_stored_once_it_is_gone() {
    let world = World::new();
    let engine = world.engine().await;
    let shelf = Shelf::new(&engine).await;
    let me = shelf.visitor;
    let script = world.model.script();
    script.text("Both [1] and [2].");
    [1, 2].into_iter().for_each(|passage| script.push(ModelEvent::Citation { passage }));
    let (id, name) = ("c1".to_owned(), "rename_conversation".to_owned());
    script.push(ModelEvent::ToolCallStart { index: 0, id, name });
    script.push(ModelEvent::ToolCallDelta { index: 0, arguments: RENAME.into() });
    script.push(ModelEvent::Stop(StopReason::ToolCalls));
    let mut started = engine.start_run(&me, shelf.question.clone()).await.unwrap();
    to_end(&mut started.reader).await.unwrap();
    shelf.delete(&engine).await;
    cites(&world, &[]);
    let asks = engine.run_detail(&me, started.run.id).await.unwrap().asks;
    let yes = asks.iter().map(|ask| (ask.id.clone(), json!(true))).collect();
    engine.resume_run(&me, started.run.id, yes).await.unwrap();
    let mut again = engine.follow_run(&me, started.run.id, 0).await.unwrap();
    to_end(&mut again).await.unwrap();
    let stored = world.store().await.get_message(&me, started.run.message_id).await.unwrap();
    let stored = stored.unwrap();
    let cited: Vec<_> =
        stored.citations().map(|it| (it.index, it.gone, it.quote.as_str())).collect();
    let trees = number_of_trees(&world);
    let gone = 3 - trees;
    let mut expected = [(gone, true, ""), (trees, false, "The willow turns to the water.")];
    expected.sort_unstable();
    assert_eq!(cited, expected);
}

#[tokio::test]
async fn an_import_stores_that_something_was_gone_as_words() {
    let world = World::new();
    let engine = world.engine().await;
    let shelf = Shelf::new(&engine).await;
    let me = shelf.visitor;
    let query = json!({ "query": "turns to the sun" }).to_string();
    calls(&world, &[("c1", "search_collections", &query)]);
    cites(&world, &[1]);
    let mut started = engine.start_run(&me, shelf.question.clone()).await.unwrap();
    to_end(&mut started.reader).await.unwrap();
    shelf.delete(&engine).await;
    let exported = engine.export_conversation(&me, started.run.conversation_id).await.unwrap();
    let copy = engine.import_conversation(&me, exported, None).await.unwrap();
    let head = copy.head_message_id.unwrap();
    let stored = world.store().await.get_message(&me, head).await.unwrap().unwrap();
    let result = stored.parts.iter().find_map(|part| match part {
        Part::ToolResult { output, gone, .. } => Some((output.as_str(), *gone)),
        _ => None,
    });
    assert_eq!(result, Some(("Not here any more, or not open to you.", false)));
}
