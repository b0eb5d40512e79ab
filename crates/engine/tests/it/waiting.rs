//! Runs that wait for somebody's answers.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::{Value, json};
use vpaura_domain::{
    ConversationId, MessageStatus, MultitaskStrategy, Part, RunEvent, RunEventKind, RunStatus,
    Scope,
};
use vpaura_engine::{Engine, Error, RunDetail, StartRun, StartedRun, Thing};

use crate::support::{World, calls, results, say, say_in, says, text_of, to_end, visitor};

const RENAME: &str = r#"{"title":"Refunds, 2026"}"#;

/// A run that waits for approval of as many renamings.
async fn waiting(
    world: &World,
    engine: &Engine,
    me: &Scope,
    calls_: u32,
) -> (StartedRun, Vec<RunEvent>) {
    let ids: Vec<String> = (1..=calls_).map(|n| format!("c{n}")).collect();
    let all: Vec<_> = ids.iter().map(|id| (id.as_str(), "rename_conversation", RENAME)).collect();
    calls(world, &all);
    let mut started = engine.start_run(me, say("Call it refunds.")).await.unwrap();
    let events = to_end(&mut started.reader).await.unwrap();
    (started, events)
}

fn answers(detail: &RunDetail, answer: &Value) -> BTreeMap<String, Value> {
    detail.asks.iter().map(|ask| (ask.id.clone(), answer.clone())).collect()
}

async fn title(engine: &Engine, me: &Scope, id: ConversationId) -> String {
    engine.find_conversation(me, id).await.unwrap().title.unwrap()
}

#[tokio::test]
async fn what_is_approved_is_done_and_the_answer_goes_on() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let (started, before) = waiting(&world, &engine, &me, 1).await;
    let (run, conversation) = (started.run.id, started.run.conversation_id);
    let RunEventKind::Interrupt { ask } = &before.last().unwrap().kind else {
        panic!("{before:?}")
    };
    assert_eq!((ask.path.as_str(), ask.key.as_str()), ("call_tool[0]", "approve:c1"));
    assert_eq!(
        ask.question,
        json!({
            "kind": "approve_tool", "tool": "rename_conversation", "call_id": "c1",
            "arguments": { "title": "Refunds, 2026" },
        })
    );
    let detail = engine.run_detail(&me, run).await.unwrap();
    assert_eq!(detail.run.status, RunStatus::Interrupted);
    assert_eq!(detail.asks, std::slice::from_ref(ask));
    let opened = engine.get_conversation(&me, conversation).await.unwrap();
    assert_eq!(opened.active_run, Some(detail.clone()));
    assert_eq!(title(&engine, &me, conversation).await, "Call it refunds.");

    says(&world, "Done.");
    let resumed =
        engine.resume_run(&me, run, answers(&detail, &json!({ "approved": true }))).await.unwrap();
    assert_eq!((resumed.run.status, resumed.asks), (RunStatus::Running, vec![]));
    let last = before.last().unwrap().seq;
    let after = to_end(&mut engine.follow_run(&me, run, last).await.unwrap()).await.unwrap();
    assert_eq!(after[0].seq, last + 1);
    assert!(!after.iter().any(|event| matches!(event.kind, RunEventKind::Reset { .. })));
    assert_eq!(results(&after).len(), 1);
    assert_eq!(text_of(&after), "Done.");
    assert_eq!(title(&engine, &me, conversation).await, "Refunds, 2026");
    let whole = to_end(&mut engine.follow_run(&me, run, 0).await.unwrap()).await.unwrap();
    assert_eq!(whole, [before, after].concat());
    let answer = engine.get_message(&me, started.run.message_id).await.unwrap();
    assert_eq!(answer.parts.len(), 3, "{:?}", answer.parts);
    assert_eq!(engine.run_detail(&me, run).await.unwrap().asks, []);
}

#[tokio::test]
async fn what_is_refused_is_not_done_and_the_model_is_told_why() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let (started, _) = waiting(&world, &engine, &me, 1).await;
    let detail = engine.run_detail(&me, started.run.id).await.unwrap();
    says(&world, "As you wish.");
    let no = json!({ "approved": false, "reason": "I like the old one." });
    engine.resume_run(&me, started.run.id, answers(&detail, &no)).await.unwrap();
    let events =
        to_end(&mut engine.follow_run(&me, started.run.id, 0).await.unwrap()).await.unwrap();
    let (output, is_error) = results(&events)["c1"];
    assert!(is_error && output.contains("I like the old one."), "{output}");
    assert_eq!(text_of(&events), "As you wish.");
    let title = title(&engine, &me, started.run.conversation_id).await;
    assert_eq!(title, "Call it refunds.");
}

#[tokio::test]
async fn a_run_goes_on_when_all_its_questions_are_answered() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let (started, events) = waiting(&world, &engine, &me, 3).await;
    let id = started.run.id;
    let asked = events.iter().filter(|it| matches!(it.kind, RunEventKind::Interrupt { .. }));
    assert_eq!(asked.count(), 3);
    let asks = engine.run_detail(&me, id).await.unwrap().asks;
    let one = |n: usize, answer: bool| BTreeMap::from([(asks[n].id.clone(), json!(answer))]);
    let first = engine.resume_run(&me, id, one(0, true)).await.unwrap();
    assert_eq!((first.run.status, &first.asks[..]), (RunStatus::Interrupted, &asks[1..]));
    assert_eq!(engine.run_detail(&me, id).await.unwrap(), first);
    // Minds may change while the run waits.
    engine.resume_run(&me, id, one(0, false)).await.unwrap();
    says(&world, "Done.");
    // The others come at the same time.
    let rest = join_all([1, 2].map(|n| engine.resume_run(&me, id, one(n, n == 1)))).await;
    assert!(rest.iter().all(Result::is_ok), "{rest:?}");
    let events = to_end(&mut engine.follow_run(&me, id, 0).await.unwrap()).await.unwrap();
    let done: Vec<_> = results(&events).into_iter().map(|(id, (_, error))| (id, !error)).collect();
    assert_eq!(done, [("c1", false), ("c2", true), ("c3", false)]);
    assert_eq!(text_of(&events), "Done.");
}

#[tokio::test]
async fn of_many_who_answer_one_lets_the_run_go_on() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let (started, _) = waiting(&world, &engine, &me, 1).await;
    let detail = engine.run_detail(&me, started.run.id).await.unwrap();
    says(&world, "Done.");
    let all =
        (0..20).map(|_| engine.resume_run(&me, started.run.id, answers(&detail, &json!(true))));
    let (resumed, refused): (Vec<_>, Vec<_>) =
        join_all(all).await.into_iter().partition(Result::is_ok);
    assert_eq!((resumed.len(), refused.len()), (1, 19));
    assert!(refused.iter().all(|it| matches!(it, Err(Error::Conflict(_)))), "{refused:?}");
    let events =
        to_end(&mut engine.follow_run(&me, started.run.id, 0).await.unwrap()).await.unwrap();
    assert_eq!((results(&events).len(), text_of(&events)), (1, "Done.".to_owned()));
    assert_eq!(world.model.requests().len(), 2);
}

#[tokio::test]
async fn an_answer_to_nothing_or_of_the_wrong_kind_is_refused_and_changes_nothing() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let stranger = visitor(&engine).await;
    let (started, _) = waiting(&world, &engine, &me, 1).await;
    let id = started.run.id;
    let detail = engine.run_detail(&me, id).await.unwrap();
    let ask = detail.asks[0].id.clone();
    let field = |refused: Result<RunDetail, Error>| match refused {
        Err(Error::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    let answer = |ask: &str, answer: Value| BTreeMap::from([(ask.to_owned(), answer)]);
    assert_eq!(field(engine.resume_run(&me, id, BTreeMap::new()).await), "answers");
    let many = (0..65).map(|n| (n.to_string(), json!(true))).collect();
    assert_eq!(field(engine.resume_run(&me, id, many).await), "answers");
    assert_eq!(field(engine.resume_run(&me, id, answer("x", json!(true))).await), "answers.x");
    let wrong = engine.resume_run(&me, id, answer(&ask, json!("yes"))).await;
    assert_eq!(field(wrong), format!("answers.{ask}"));
    let half = [answer(&ask, json!(true)), answer("x", json!(true))].into_iter().flatten();
    assert_eq!(field(engine.resume_run(&me, id, half.collect()).await), "answers.x");
    let foreign = engine.resume_run(&stranger, id, answers(&detail, &json!(true))).await;
    assert!(matches!(foreign, Err(Error::NotFound(Thing::Run))), "{foreign:?}");
    assert_eq!(engine.run_detail(&me, id).await.unwrap(), detail);
}

#[tokio::test]
async fn a_run_that_waits_can_be_stopped_and_keeps_what_it_said() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let (started, before) = waiting(&world, &engine, &me, 2).await;
    let detail = engine.run_detail(&me, started.run.id).await.unwrap();
    let stopped = engine.cancel_run(&me, started.run.id).await.unwrap();
    assert_eq!(stopped.status, RunStatus::Cancelled);
    let last = before.last().unwrap().seq;
    let after = engine.follow_run(&me, started.run.id, last).await.unwrap();
    let after = to_end(&mut { after }).await.unwrap();
    assert_eq!(after.last().unwrap().kind, RunEventKind::RunCancelled);
    let answer = engine.get_message(&me, started.run.message_id).await.unwrap();
    assert_eq!(answer.status, MessageStatus::Cancelled);
    let calls = answer.parts.iter().filter(|part| matches!(part, Part::ToolCall { .. }));
    assert_eq!(calls.count(), 2, "{:?}", answer.parts);
    let late = engine.resume_run(&me, started.run.id, answers(&detail, &json!(true))).await;
    assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    assert_eq!(title(&engine, &me, started.run.conversation_id).await, "Call it refunds.");
    // The conversation goes on, and the calls have answers for the model.
    says(&world, "Hello again.");
    let next = say_in(started.run.conversation_id, "And now?");
    let mut next = engine.start_run(&me, next).await.unwrap();
    assert_eq!(text_of(&to_end(&mut next.reader).await.unwrap()), "Hello again.");
}

#[tokio::test]
async fn a_run_that_waits_keeps_its_conversation_busy() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let (started, _) = waiting(&world, &engine, &me, 1).await;
    let then =
        |multitask, text: &str| StartRun { multitask, ..say_in(started.run.conversation_id, text) };
    let refused = engine.start_run(&me, then(MultitaskStrategy::Reject, "Hello?")).await;
    assert!(matches!(refused, Err(Error::RunActive(id)) if id == started.run.id), "{refused:?}");
    let queued = engine.start_run(&me, then(MultitaskStrategy::Enqueue, "First")).await.unwrap();
    assert_eq!(queued.run.status, RunStatus::Queued);
    let still = engine.get_run(&me, started.run.id).await.unwrap();
    assert_eq!(still.status, RunStatus::Interrupted);
    for text in ["one", "two"] {
        says(&world, text);
    }
    let mut last = engine.start_run(&me, then(MultitaskStrategy::Interrupt, "Next")).await.unwrap();
    assert_eq!(text_of(&to_end(&mut last.reader).await.unwrap()), "two");
    let stopped = engine.get_run(&me, started.run.id).await.unwrap();
    assert_eq!(stopped.status, RunStatus::Cancelled);
}

#[tokio::test]
async fn a_conversation_with_a_waiting_run_can_be_deleted() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let (started, _) = waiting(&world, &engine, &me, 1).await;
    engine
        .delete_conversation(&me, started.run.conversation_id, true, &Default::default())
        .await
        .unwrap();
    let gone = engine.get_run(&me, started.run.id).await;
    assert!(matches!(gone, Err(Error::NotFound(Thing::Run))), "{gone:?}");
}

#[tokio::test]
async fn another_server_takes_the_answer_after_the_first_has_gone() {
    let world = World::new();
    let first = world.engine().await;
    let me = visitor(&first).await;
    let (started, before) = waiting(&world, &first, &me, 1).await;
    assert_eq!(first.stop(std::time::Duration::ZERO).await, 0, "nothing is handed over");
    let second = world.engine().await;
    world.clock.advance(std::time::Duration::from_secs(3_600));
    let detail = second.run_detail(&me, started.run.id).await.unwrap();
    assert_eq!((detail.run.status, detail.asks.len()), (RunStatus::Interrupted, 1));
    says(&world, "Done.");
    second.resume_run(&me, started.run.id, answers(&detail, &json!(true))).await.unwrap();
    let last = before.last().unwrap().seq;
    let mut reader = second.follow_run(&me, started.run.id, last).await.unwrap();
    assert_eq!(text_of(&to_end(&mut reader).await.unwrap()), "Done.");
    let id = started.run.conversation_id;
    assert_eq!(title(&second, &me, id).await, "Refunds, 2026");
}
