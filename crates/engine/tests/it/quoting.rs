//! Answers of the built-in model, whose words are quotes.

use vpaura_domain::{ConversationFilter, EXTRACTIVE_MODEL, Origin, Page, RunId, Scope, Visibility};
use vpaura_engine::{Engine, StartRun};
use vpaura_llm::ModelEvent;

use crate::quotes::{Shelf, told};
use crate::support::{World, say, say_in, says, text_of, to_end, until_text};

const GONE: &str = "What this answer quoted is not here any more, or not open to you.";

/// What is left of the answer on every way to read it again, which all say the same.
async fn read_again(engine: &Engine, me: &Scope, run: RunId) -> String {
    let run = engine.get_run(me, run).await.unwrap();
    let message = engine.get_message(me, run.message_id).await.unwrap();
    let mut log = engine.follow_run(me, run.id, 0).await.unwrap();
    let log = to_end(&mut log).await.unwrap();
    assert_eq!(text_of(&log), message.text());
    let exported = engine.export_conversation(me, run.conversation_id).await.unwrap();
    assert!(exported.to_markdown().contains(&message.text()), "{exported:?}");
    let nowhere = Origin::default();
    let share = engine.share_conversation(me, run.conversation_id, &nowhere).await.unwrap();
    let shared = engine.get_shared(&share.token).await.unwrap();
    assert_eq!(shared.messages.last().unwrap().text(), message.text());
    let all = serde_json::to_string(&(message.parts.clone(), exported, shared.messages)).unwrap();
    format!("{}\n{all}{}", message.text(), told(&log))
}

#[tokio::test]
async fn the_words_of_an_answer_go_with_what_they_quote() {
    let world = World::new();
    let engine = world.builtin_engine().await;
    let shelf = Shelf::new(&engine).await;
    let me = shelf.visitor;
    let mut started = engine.start_run(&me, shelf.question.clone()).await.unwrap();
    let live = to_end(&mut started.reader).await.unwrap();
    assert!(text_of(&live).contains("heliotrope") && text_of(&live).contains("flowers.md"));
    let run = started.run.id;
    let before = read_again(&engine, &me, run).await;
    assert!(before.starts_with(&text_of(&live)), "{before}");
    shelf.hide(&engine).await;
    let hidden = read_again(&engine, &me, run).await;
    assert!(hidden.starts_with(GONE), "{hidden}");
    for word in ["heliotrope", "flowers", "willow", "trees"] {
        assert!(!hidden.contains(word), "{word}: {hidden}");
    }
    // Who has read its beginning is told no words of the rest.
    let mut rest = engine.follow_run(&me, run, 2).await.unwrap();
    assert_eq!(text_of(&to_end(&mut rest).await.unwrap()), "");
    // Nothing is lost.
    shelf.make(&engine, Visibility::Workspace).await;
    assert_eq!(read_again(&engine, &me, run).await, before);
    shelf.delete(&engine).await;
    let deleted = read_again(&engine, &me, run).await;
    assert!(deleted.starts_with(GONE) && !deleted.contains("heliotrope"), "{deleted}");
}

#[tokio::test]
async fn a_search_finds_the_question_and_not_what_was_quoted() {
    let world = World::new();
    let engine = world.builtin_engine().await;
    let shelf = Shelf::new(&engine).await;
    let me = shelf.visitor;
    let mut started = engine.start_run(&me, shelf.question.clone()).await.unwrap();
    to_end(&mut started.reader).await.unwrap();
    // One that quotes nothing is found.
    let mut plain = engine.start_run(&me, say("Hello?")).await.unwrap();
    assert!(text_of(&to_end(&mut plain.reader).await.unwrap()).contains("built-in model"));
    for (words, found) in
        [("heliotrope", 0), ("flowers.md", 0), ("and what to", 1), ("in model", 1)]
    {
        let query = Some(words.to_owned());
        let filter = ConversationFilter { query, ..ConversationFilter::default() };
        let listed = engine.list_conversations(&me, filter, &Page::default()).await.unwrap();
        assert_eq!(listed.items.len(), found, "{words}");
    }
}

#[tokio::test]
async fn no_other_model_is_told_the_quotes() {
    let world = World::new();
    let engine = world.engine().await;
    let shelf = Shelf::new(&engine).await;
    let me = shelf.visitor;
    let model = Some(EXTRACTIVE_MODEL.parse().unwrap());
    let quoting = StartRun { model, ..shelf.question.clone() };
    let mut started = engine.start_run(&me, quoting).await.unwrap();
    assert!(text_of(&to_end(&mut started.reader).await.unwrap()).contains("heliotrope"));
    shelf.delete(&engine).await;
    says(&world, "The search words.");
    says(&world, "It is so.");
    let mut next =
        engine.start_run(&me, say_in(started.run.conversation_id, "Why?")).await.unwrap();
    to_end(&mut next.reader).await.unwrap();
    let asked = world.model.requests();
    let asked: Vec<_> = asked.iter().map(|request| &request.messages).collect();
    let asked = serde_json::to_string(&asked).unwrap();
    assert!(!asked.contains("heliotrope") && asked.contains("is not shown again"), "{asked}");
}

/// One that was stopped is read again like any other, as long as all that it had quoted is there.
#[tokio::test]
async fn an_answer_that_was_stopped_says_what_it_quotes() {
    let world = World::new();
    let engine = world.scripted_builtin_engine().await;
    let shelf = Shelf::new(&engine).await;
    let me = shelf.visitor;
    let script = world.model.script();
    script.push(ModelEvent::Citation { passage: 1 });
    script.push(ModelEvent::Citation { passage: 9 });
    script.text("The heliotrope");
    let mut started = engine.start_run(&me, shelf.question.clone()).await.unwrap();
    until_text(&mut started.reader, "The heliotrope").await;
    engine.cancel_run(&me, started.run.id).await.unwrap();
    let live = to_end(&mut started.reader).await.unwrap();
    assert!(told(&live).contains("flowers.md"), "{live:?}");
    let before = read_again(&engine, &me, started.run.id).await;
    assert!(before.starts_with("The heliotrope\n") && before.contains("flowers.md"), "{before}");
    shelf.hide(&engine).await;
    let hidden = read_again(&engine, &me, started.run.id).await;
    assert!(hidden.starts_with(GONE) && !hidden.contains("heliotrope"), "{hidden}");
    shelf.make(&engine, Visibility::Workspace).await;
    assert_eq!(read_again(&engine, &me, started.run.id).await, before);
    drop(script);
}
