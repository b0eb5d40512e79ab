//! Searching collections: what is found, by whom, and what happens when a model is out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use vpaura_domain::{
    ChatbotSettings, DocumentId, Origin, Part, RunEventKind, Scope, Visibility, WorkspaceId,
};
use vpaura_engine::{
    DocumentMatch, DocumentUpdate, Engine, Error, MetadataCondition, MetadataTest, MetadataValue,
    NewChatbot, StartRun, Thing,
};
use vpaura_llm::{LlmError, Reranker};

use crate::library::{ShortFirst, Topics, add, add_noted, asked, collection, names, until};
use crate::support::{World, calls, results, say, say_in, says, text_of, to_end, turn, visitor};

const ME: Scope = Scope::operator();
const REFUNDS: &str = "# Refunds\n\nCustomers in the EU get 85 percent back within 30 days.\n";
const HOURS: &str = "# Opening hours\n\nWe are open from nine to five on weekdays.\n";

async fn chatbot(engine: &Engine, settings: ChatbotSettings) -> vpaura_domain::Chatbot {
    let new = NewChatbot { name: "Desk".into(), settings, ..NewChatbot::default() };
    engine.create_chatbot(&ME, new, None, &Origin::default()).await.unwrap()
}

#[tokio::test]
async fn words_find_the_passage_with_its_place() {
    let world = World::new();
    let engine = world.builtin_engine().await;
    let handbook = collection(&engine, &ME, "Handbook", Visibility::Workspace).await;
    add(&engine, handbook.id, "refunds.md", REFUNDS).await;
    add(&engine, handbook.id, "hours.md", HOURS).await;
    let found = engine.search(&ME, asked(&[handbook.id], "EU refund percentage")).await.unwrap();
    assert_eq!(names(&found)[0], "refunds.md");
    let hit = &found.hits[0];
    assert!(hit.scores.bm25.unwrap() > 0.0 && hit.scores.vector.is_none());
    assert_eq!(hit.score, hit.scores.fused);
    assert!(hit.chunk.text.contains("85 percent"));
    assert_eq!((hit.chunk.span.line_start, hit.chunk.span.line_end), (1, 3));
    assert!(found.terms.iter().any(|term| term.starts_with("refund")), "{:?}", found.terms);
    assert!(found.embedder.is_none() && found.reranker.is_none() && found.notice.is_none());
    let nothing = engine.search(&ME, asked(&[handbook.id], "zebra")).await.unwrap();
    assert!(nothing.hits.is_empty());
}

#[tokio::test]
async fn what_is_asked_badly_is_refused_by_its_field() {
    let world = World::new();
    let engine = world.builtin_engine().await;
    let shelf = collection(&engine, &ME, "Shelf", Visibility::Workspace).await;
    let long = "a".repeat(2_001);
    for (query, limit, field) in
        [("  ", 10, "query"), (long.as_str(), 10, "query"), ("a", 0, "limit"), ("a", 51, "limit")]
    {
        let query = vpaura_engine::SearchQuery { limit, ..asked(&[shelf.id], query) };
        let refused = engine.search(&ME, query).await;
        assert!(matches!(&refused, Err(Error::Invalid { field: of, .. }) if of == field));
    }
    let visitor = visitor(&engine).await;
    let refused = engine.search(&visitor, asked(&[shelf.id], "a")).await;
    assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
}

#[tokio::test]
async fn nobody_finds_what_is_not_theirs() {
    let world = World::new();
    let engine = world.builtin_engine().await;
    let open = collection(&engine, &ME, "Open", Visibility::Workspace).await;
    let secret = collection(&engine, &ME, "Secret", Visibility::Private).await;
    add(&engine, open.id, "open.md", "The heliotrope is in the garden.").await;
    add(&engine, secret.id, "secret.md", "The heliotrope is in the safe.").await;
    // The shared chatbot answers from both, but not everybody through it.
    let settings =
        ChatbotSettings { collections: vec![open.id, secret.id], ..ChatbotSettings::default() };
    let bot = chatbot(&engine, settings).await;
    let visitor = visitor(&engine).await;
    let question = StartRun { chatbot_id: Some(bot.id), ..say("Where is the heliotrope?") };
    let mut started = engine.start_run(&visitor, question.clone()).await.unwrap();
    let told = text_of(&to_end(&mut started.reader).await.unwrap());
    assert!(told.contains("garden") && !told.contains("safe"), "{told}");
    let mut started = engine.start_run(&ME, question).await.unwrap();
    let told = text_of(&to_end(&mut started.reader).await.unwrap());
    assert!(told.contains("garden") && told.contains("safe"), "{told}");

    let elsewhere = Scope::system(WorkspaceId::generate(&*engine.ids()));
    for named in [vec![open.id], vec![open.id, secret.id]] {
        let refused = engine.search(&elsewhere, asked(&named, "heliotrope")).await;
        assert!(matches!(refused, Err(Error::NotFound(Thing::Collection))), "{refused:?}");
    }
    let all = vpaura_engine::SearchQuery { collections: None, ..asked(&[], "heliotrope") };
    assert!(engine.search(&elsewhere, all.clone()).await.unwrap().hits.is_empty());
    assert_eq!(engine.search(&ME, all).await.unwrap().hits.len(), 2);
}

#[tokio::test]
async fn what_is_turned_off_takes_nobodys_place() {
    let world = World::new();
    let engine = world.builtin_engine().await;
    let shelf = collection(&engine, &ME, "Shelf", Visibility::Workspace).await;
    let section = "The price list says what a mooring costs. ".repeat(20);
    let old: String = (0..130).map(|year| format!("# Year {year}\n\n{section}\n\n")).collect();
    let old = add(&engine, shelf.id, "old.md", &old).await;
    let today = "The price list of today, beside much that is about the harbour and its cranes.";
    add(&engine, shelf.id, "today.md", today).await;
    let found = engine.search(&ME, asked(&[shelf.id], "price list")).await.unwrap();
    assert!(!names(&found).contains(&"today.md"), "more than a hundred fit better");
    let off = DocumentUpdate { enabled: Some(false), ..DocumentUpdate::default() };
    engine.update_document(&ME, shelf.id, old.id, off, &Origin::default()).await.unwrap();
    let found = engine.search(&ME, asked(&[shelf.id], "price list")).await.unwrap();
    assert_eq!(names(&found), ["today.md"]);
}

#[tokio::test]
async fn a_filter_chooses_documents_before_they_are_ranked() {
    let world = World::new();
    let engine = world.builtin_engine().await;
    let shelf = collection(&engine, &ME, "Shelf", Visibility::Workspace).await;
    let mut ids: Vec<DocumentId> = Vec::new();
    for year in 2020..2026 {
        let text = format!("The annual report of the harbour, number {year}.");
        let noted = json!({ "year": year, "kind": if year % 2 == 0 { "even" } else { "odd" } });
        ids.push(add_noted(&engine, shelf.id, &format!("{year}.md"), &text, noted).await.id);
    }
    let search = async |filter: DocumentMatch| {
        let query = vpaura_engine::SearchQuery { filter, ..asked(&[shelf.id], "harbour report") };
        let found = engine.search(&ME, query).await.unwrap();
        let mut names: Vec<String> =
            found.hits.iter().map(|hit| hit.document.name.clone()).collect();
        names.sort();
        names
    };
    let noted = |key: &str, test: MetadataTest| DocumentMatch {
        metadata: vec![MetadataCondition { key: key.into(), test }],
        ..DocumentMatch::default()
    };
    let odd = MetadataTest::OneOf(vec![MetadataValue::Text("odd".into())]);
    assert_eq!(search(noted("kind", odd)).await, ["2021.md", "2023.md", "2025.md"]);
    let late = MetadataTest::Between { from: Some(MetadataValue::Integer(2024)), to: None };
    assert_eq!(search(noted("year", late)).await, ["2024.md", "2025.md"]);
    let one = DocumentMatch { document_ids: Some(vec![ids[1]]), ..DocumentMatch::default() };
    assert_eq!(search(one).await, ["2021.md"]);
    assert!(search(noted("absent", MetadataTest::OneOf(vec![]))).await.is_empty());
}

#[tokio::test]
async fn meaning_finds_what_words_do_not_and_words_answer_when_the_embedder_is_out() {
    let topics = Topics::new("test/topics", 8);
    let world = World { embedder: Some(topics.clone()), ..World::new() };
    let engine = world.builtin_engine().await;
    let shelf = collection(&engine, &ME, "Shelf", Visibility::Workspace).await;
    add(&engine, shelf.id, "drive.md", "An automobile needs a licence plate.").await;
    add(&engine, shelf.id, "health.md", "The physician is in on Mondays.").await;
    serving(&engine, shelf.id, "test/topics").await;
    let found = engine.search(&ME, asked(&[shelf.id], "my car")).await.unwrap();
    assert_eq!(names(&found)[0], "drive.md");
    let scores = found.hits[0].scores;
    assert!(scores.bm25.is_none() && scores.vector.unwrap() > 0.5, "{scores:?}");
    assert_eq!(found.embedder.as_ref().unwrap().model, "test/topics");
    topics.is_out.store(true, Ordering::Relaxed);
    let found = engine.search(&ME, asked(&[shelf.id], "licence plate of a car")).await.unwrap();
    assert_eq!(names(&found), ["drive.md"]);
    assert!(found.embedder.is_none());
    assert!(found.notice.unwrap().contains("words alone"));
}

#[tokio::test]
async fn a_reranker_orders_the_hits_and_is_done_without() {
    let short = Arc::new(ShortFirst { is_out: AtomicBool::new(false) });
    let world = World { reranker: Some(short.clone()), ..World::new() };
    let engine = world.builtin_engine().await;
    let shelf = collection(&engine, &ME, "Shelf", Visibility::Workspace).await;
    let long = format!("Harbour, harbour, harbour: {}", "the boats come and go. ".repeat(20));
    add(&engine, shelf.id, "long.md", &long).await;
    add(&engine, shelf.id, "short.md", "A harbour of boats.").await;
    let found = engine.search(&ME, asked(&[shelf.id], "harbour")).await.unwrap();
    assert_eq!(names(&found), ["short.md", "long.md"]);
    assert_eq!(found.reranker.as_deref(), Some("test/short-first"));
    assert_eq!(Some(found.hits[0].score), found.hits[0].scores.reranked);
    short.is_out.store(true, Ordering::Relaxed);
    let found = engine.search(&ME, asked(&[shelf.id], "harbour")).await.unwrap();
    assert_eq!(found.hits.len(), 2);
    assert!(found.reranker.is_none() && found.notice.unwrap().contains("reranker"));
    // Who measures is told as well.
    let ranked = engine.rank_documents(&ME, &asked(&[shelf.id], "harbour")).await.unwrap();
    assert!(ranked.documents.len() == 2 && ranked.notice.unwrap().contains("reranker"));
}

/// A model that is still on its way.
struct NotReady;

#[async_trait]
impl Reranker for NotReady {
    fn model(&self) -> &str {
        "local/not-ready"
    }

    async fn rerank(&self, _: &str, _: &[String]) -> Result<Vec<f32>, LlmError> {
        let retry_after = Some(Duration::from_secs(1));
        Err(LlmError::Unavailable { detail: "it is being loaded".into(), retry_after })
    }
}

#[tokio::test]
async fn a_reranker_that_is_being_loaded_is_said_to_be() {
    let world = World { reranker: Some(Arc::new(NotReady)), ..World::new() };
    let engine = world.builtin_engine().await;
    let shelf = collection(&engine, &ME, "Shelf", Visibility::Workspace).await;
    add(&engine, shelf.id, "short.md", "A harbour of boats.").await;
    let found = engine.search(&ME, asked(&[shelf.id], "harbour")).await.unwrap();
    assert_eq!((names(&found), &found.reranker), (vec!["short.md"], &None));
    assert!(found.notice.unwrap().contains("being loaded"));
}

#[tokio::test]
async fn an_answer_quotes_a_collection_and_its_citation_opens_while_the_document_is_there() {
    let world = World::new();
    let engine = world.builtin_engine().await;
    let handbook = collection(&engine, &ME, "Handbook", Visibility::Workspace).await;
    let refunds = add(&engine, handbook.id, "refunds.md", REFUNDS).await;
    add(&engine, handbook.id, "hours.md", HOURS).await;
    let settings = ChatbotSettings { collections: vec![handbook.id], ..ChatbotSettings::default() };
    let bot = chatbot(&engine, settings).await;
    let me = visitor(&engine).await;
    let question = "How much do EU customers get back as refund?";
    let question = StartRun { chatbot_id: Some(bot.id), ..say(question) };
    let mut started = engine.start_run(&me, question).await.unwrap();
    let events = to_end(&mut started.reader).await.unwrap();
    let Some(RunEventKind::RunCompleted { message }) = events.last().map(|it| &it.kind) else {
        panic!("completed, not {:?}", events.last());
    };
    assert!(message.text().contains("85 percent"), "{}", message.text());
    let citation = message.parts.iter().find_map(|part| match part {
        Part::Citation(citation) => Some(citation),
        _ => None,
    });
    let citation = citation.expect("a citation");
    assert_eq!(citation.document_id, Some(refunds.id));
    assert_eq!(citation.collection_id, Some(handbook.id));
    assert!(citation.chunk_id.is_some() && citation.file_id.is_none());
    let opened = engine.cited_passage(&me, message.id, citation.index).await.unwrap();
    let (start, end) = (citation.start as usize, citation.end as usize);
    let span: String = opened.extracted.text.chars().skip(start).take(end - start).collect();
    assert_eq!(span, citation.quote);
    let original = engine.cited_original(&me, message.id, citation.index).await.unwrap();
    assert_eq!((original.name.as_str(), original.size), ("refunds.md", REFUNDS.len() as u64));
    let no_page = engine.cited_page(&me, message.id, citation.index, 1).await;
    assert!(matches!(no_page, Err(Error::NotFound(Thing::Page))), "{no_page:?}");

    // Not for others, and not once the document is gone or hidden.
    let other = visitor(&engine).await;
    let stolen = engine.cited_passage(&other, message.id, citation.index).await;
    assert!(matches!(stolen, Err(Error::NotFound(Thing::Message))), "{stolen:?}");
    let none = engine.cited_passage(&me, message.id, 99).await;
    assert!(matches!(none, Err(Error::NotFound(Thing::Citation))), "{none:?}");
    let hidden = vpaura_engine::CollectionUpdate {
        visibility: Some(Visibility::Private),
        ..Default::default()
    };
    let origin = Origin::default();
    engine.update_collection(&ME, handbook.id, hidden, &origin).await.unwrap();
    let revoked = engine.cited_passage(&me, message.id, citation.index).await;
    assert!(matches!(revoked, Err(Error::NotFound(Thing::Citation))), "{revoked:?}");
    let shown = vpaura_engine::CollectionUpdate {
        visibility: Some(Visibility::Workspace),
        ..Default::default()
    };
    engine.update_collection(&ME, handbook.id, shown, &origin).await.unwrap();
    engine.delete_document(&ME, handbook.id, refunds.id, &origin).await.unwrap();
    let gone = engine.cited_original(&me, message.id, citation.index).await;
    assert!(matches!(gone, Err(Error::NotFound(Thing::Citation))), "{:?}", gone.err());
    let found = engine.search(&ME, asked(&[handbook.id], "EU refund percent")).await.unwrap();
    assert!(!names(&found).contains(&"refunds.md"));
}

#[tokio::test]
async fn a_question_is_searched_for_with_what_was_said_before() {
    let world = World::new();
    let engine = world.engine().await;
    let shelf = collection(&engine, &ME, "Shelf", Visibility::Workspace).await;
    add(&engine, shelf.id, "students.md", "Students pay half the harbour fee.").await;
    add(&engine, shelf.id, "other.md", "The library closes at six.").await;
    let settings = ChatbotSettings { collections: vec![shelf.id], ..ChatbotSettings::default() };
    let bot = chatbot(&engine, settings).await;
    let me = visitor(&engine).await;
    let first = StartRun { chatbot_id: Some(bot.id), ..say("What is the harbour fee?") };
    let started = turn(&world, &engine, &me, first, "It depends.").await;
    assert_eq!(world.model.requests().len(), 1, "nothing was said before the first question");

    says(&world, "harbour fee for students\nas a second line");
    let script = world.model.script();
    script.text("Half [1].");
    script.push(vpaura_llm::ModelEvent::Citation { passage: 1 });
    script.end();
    let second = say_in(started.run.conversation_id, "And for them?");
    let mut run = engine.start_run(&me, second).await.unwrap();
    let events = to_end(&mut run.reader).await.unwrap();
    let requests = world.model.requests();
    assert_eq!(requests.len(), 3);
    let asked = format!("{:?}", requests[1].params);
    assert!(asked.contains("max_tokens: Some"), "{asked}");
    let passages: Vec<_> = requests[2].passages.iter().map(|it| it.document.as_str()).collect();
    assert_eq!(passages[0], "students.md");
    let cited = events.iter().any(|event| {
        matches!(&event.kind,
        RunEventKind::Citation { citation } if citation.document == "students.md")
    });
    assert!(cited, "{events:?}");
    let usages: Vec<_> = events
        .iter()
        .filter_map(|event| match event.kind {
            RunEventKind::Usage { usage } => Some(usage.input),
            _ => None,
        })
        .collect();
    assert!(usages.len() == 2 && usages[0] > 0 && usages[1] > usages[0], "{usages:?}");
    let finished = engine.get_run(&me, run.run.id).await.unwrap();
    assert_eq!(finished.usage.input, usages[1]);
}

#[tokio::test]
async fn what_a_tool_found_is_cited_like_what_the_question_found() {
    let world = World::new();
    let engine = world.engine().await;
    let shelf = collection(&engine, &ME, "Shelf", Visibility::Workspace).await;
    add(&engine, shelf.id, "students.md", "Students pay half the harbour fee.").await;
    let pilots = add(&engine, shelf.id, "pilots.md", "A pilot waits at the lighthouse.").await;
    let settings = ChatbotSettings { collections: vec![shelf.id], ..ChatbotSettings::default() };
    let bot = chatbot(&engine, settings).await;
    let me = visitor(&engine).await;
    let search = |words: &str| json!({ "query": words }).to_string();
    let (first, second) = (search("harbour fee"), search("where the pilot waits"));
    calls(&world, &[("c1", "search_collections", &first), ("c2", "search_collections", &second)]);
    // The question itself found one passage, and each call has eight numbers.
    let script = world.model.script();
    script.text("At the lighthouse [10].");
    script.push(vpaura_llm::ModelEvent::Citation { passage: 10 });
    script.end();
    let question = StartRun { chatbot_id: Some(bot.id), ..say("Who pays the harbour fee?") };
    let mut run = engine.start_run(&me, question).await.unwrap();
    let events = to_end(&mut run.reader).await.unwrap();
    let told = results(&events);
    assert!(told["c1"].0.starts_with("[2] students.md, line 1:"), "{told:?}");
    assert!(told["c2"].0.starts_with("[10] pilots.md, line 1:"), "{told:?}");
    let asked = world.model.requests().pop().unwrap();
    assert_eq!((asked.passages.len(), &asked.found[..]), (1, &[2, 10][..]));
    let Some(RunEventKind::RunCompleted { message }) = events.last().map(|it| &it.kind) else {
        panic!("completed, not {:?}", events.last());
    };
    let cited: Vec<_> = message
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Citation(citation) => Some((citation.index, citation.document_id)),
            _ => None,
        })
        .collect();
    assert_eq!(cited, [(10, Some(pilots.id))]);
    let opened = engine.cited_passage(&me, message.id, 10).await.unwrap();
    assert!(opened.extracted.text.contains("lighthouse"));

    // Nobody reads a document that is gone out of an earlier turn.
    engine.delete_document(&ME, shelf.id, pilots.id, &Origin::default()).await.unwrap();
    says(&world, "where the pilot waits");
    says(&world, "I do not know.");
    let again = say_in(run.run.conversation_id, "And where exactly does the pilot wait?");
    let mut run = engine.start_run(&me, again).await.unwrap();
    to_end(&mut run.reader).await.unwrap();
    let told = serde_json::to_string(&world.model.requests().pop().unwrap().messages).unwrap();
    assert!(told.contains("c2") && !told.contains("A pilot waits"), "{told}");
}

#[tokio::test]
async fn a_model_that_takes_too_long_to_rewrite_is_not_waited_for() {
    let world = World::new();
    let engine = world.engine().await;
    let shelf = collection(&engine, &ME, "Shelf", Visibility::Workspace).await;
    let settings = ChatbotSettings { collections: vec![shelf.id], ..ChatbotSettings::default() };
    let bot = chatbot(&engine, settings).await;
    let me = visitor(&engine).await;
    let first = StartRun { chatbot_id: Some(bot.id), ..say("What is the harbour fee?") };
    let started = turn(&world, &engine, &me, first, "It depends.").await;
    let silent = world.model.script();
    says(&world, "Half.");
    let second = say_in(started.run.conversation_id, "And for students?");
    let mut run = engine.start_run(&me, second).await.unwrap();
    let events = to_end(&mut run.reader).await.unwrap();
    assert_eq!(text_of(&events), "Half.");
    silent.dropped().await;
}

#[tokio::test]
async fn another_embedder_takes_over_while_the_old_one_serves() {
    let old = Topics::new("test/old", 8);
    let mut world = World { embedder: Some(old.clone()), ..World::new() };
    let engine = world.builtin_engine().await;
    let shelf = collection(&engine, &ME, "Shelf", Visibility::Workspace).await;
    for number in 0..5 {
        let text = format!("The automobile number {number} is parked.");
        add(&engine, shelf.id, &format!("{number}.md"), &text).await;
    }
    serving(&engine, shelf.id, "test/old").await;
    engine.stop(Duration::ZERO).await;

    // The new one is out at first: the old vectors are there, and their embedder serves.
    let new = Topics::new("test/new", 12);
    new.is_out.store(true, Ordering::Relaxed);
    world.embedder = Some(new.clone());
    world.former = Some(old.clone());
    let engine = world.builtin_engine().await;
    let failed = until(async || {
        let collection = engine.get_collection(&ME, shelf.id).await.unwrap();
        collection.embedding.error.is_some().then_some(collection.embedding)
    })
    .await;
    assert_eq!(failed.serving.unwrap().model, "test/old");
    assert_eq!(failed.building.unwrap().model, "test/new");
    let found = engine.search(&ME, asked(&[shelf.id], "my car")).await.unwrap();
    assert_eq!((found.hits.len(), found.notice), (5, None));
    assert_eq!(found.embedder.unwrap().model, "test/old");
    assert!(found.hits.iter().all(|hit| hit.scores.bm25.is_none() && hit.scores.vector.is_some()));
    // Where the old one is gone too, words are left, and it is said.
    old.is_out.store(true, Ordering::Relaxed);
    let found = engine.search(&ME, asked(&[shelf.id], "automobile")).await.unwrap();
    assert_eq!((found.hits.len(), found.embedder), (5, None));
    assert!(found.notice.unwrap().contains("words alone"));
    engine.stop(Duration::ZERO).await;

    new.is_out.store(false, Ordering::Relaxed);
    world.clock.advance(Duration::from_secs(60));
    let engine = world.builtin_engine().await;
    serving(&engine, shelf.id, "test/new").await;
    let found = engine.search(&ME, asked(&[shelf.id], "my car")).await.unwrap();
    assert_eq!(found.embedder.unwrap().dimension, 12);
    assert_eq!(found.hits.len(), 5);
    assert!(found.hits.iter().all(|hit| hit.scores.bm25.is_none()));
}

#[tokio::test]
async fn many_small_segments_become_few_and_find_the_same() {
    let topics = Topics::new("test/topics", 8);
    let world = World { embedder: Some(topics), ..World::new() };
    let engine = world.builtin_engine().await;
    let shelf = collection(&engine, &ME, "Shelf", Visibility::Workspace).await;
    for number in 0..20 {
        let text = format!("The physician {number} sees patients in room {number}.");
        add(&engine, shelf.id, &format!("{number}.md"), &text).await;
    }
    serving(&engine, shelf.id, "test/topics").await;
    let origin = Origin::default();
    let page = vpaura_domain::Page::default();
    let all = engine.list_documents(&ME, shelf.id, &page, &Default::default()).await.unwrap();
    let gone = all.items.iter().find(|document| document.name == "7.md").unwrap();
    engine.delete_document(&ME, shelf.id, gone.id, &origin).await.unwrap();
    // One way each: fused, a query that is about none of the topics is led astray by them.
    let search = async |engine: &Engine, query: &str, words: bool| {
        let by = vpaura_engine::SearchBy { words, vectors: !words };
        let query = vpaura_engine::SearchQuery { by, ..asked(&[shelf.id], query) };
        let found = engine.search(&ME, query).await.unwrap();
        found.hits.iter().map(|hit| (hit.document.name.clone(), hit.scores)).collect::<Vec<_>>()
    };
    let before = (search(&engine, "room 12", true).await, search(&engine, "doctor", false).await);
    assert!(before.0[0].0 == "12.md" && before.1.len() == 10, "{before:#?}");
    engine.stop(Duration::ZERO).await;
    // At its start an engine looks at once whether there is something to merge.
    let store = world.store().await;
    let segments = async || {
        let space = store.search_space(&ME, Some(&[shelf.id])).await.unwrap();
        space.collections[0].segments.len()
    };
    let engine = world.builtin_engine().await;
    // The first engine may have merged some already. They were 20.
    until(async || (segments().await < 10).then_some(())).await;
    let after = (search(&engine, "room 12", true).await, search(&engine, "doctor", false).await);
    let names = |hits: &[(String, vpaura_domain::Scores)]| {
        hits.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&after.0), names(&before.0));
    assert_eq!(names(&after.1), names(&before.1));
}

/// Waits until the collection is searched with vectors of this model.
async fn serving(engine: &Engine, id: vpaura_domain::CollectionId, model: &str) {
    until(async || {
        let collection = engine.get_collection(&ME, id).await.unwrap();
        let serving = collection.embedding.serving?;
        (serving.model == model).then_some(())
    })
    .await;
}
