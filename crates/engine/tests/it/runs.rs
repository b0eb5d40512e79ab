//! A run from its message to its end, and its log read from anywhere.

use vpaura_domain::{CutOff, MessageStatus, Part, Role, RunEventKind, RunStatus};
use vpaura_engine::{Error, Idempotency, RunInput, StartRun, Thing};
use vpaura_llm::{ChatMessage, LlmError, ModelEvent, StopReason, TokenUsage};

use crate::support::{World, say, say_in, text_of, to_end, turn, until_text, visitor};

#[tokio::test]
async fn an_answer_that_was_cut_off_says_so() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    for (stop, cut_off) in
        [(StopReason::Length, CutOff::Length), (StopReason::Refusal, CutOff::Refusal)]
    {
        let script = world.model.script();
        let mut started = engine.start_run(&me, say("Tell me all")).await.unwrap();
        script.text("Once upon a");
        script.push(ModelEvent::Stop(stop));
        drop(script);
        let events = to_end(&mut started.reader).await.unwrap();
        let told = RunEventKind::CutOff { reason: cut_off };
        assert!(events.iter().any(|event| event.kind == told), "{events:?}");
        let answer = engine.get_message(&me, started.run.message_id).await.unwrap();
        assert_eq!((answer.status, answer.cut_off()), (MessageStatus::Completed, Some(cut_off)));
        assert_eq!(answer.parts.last(), Some(&Part::CutOff { reason: cut_off }));
    }
}

#[tokio::test]
async fn an_answer_streams_and_is_stored_as_it_was_seen() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let script = world.model.script();
    let mut started = engine.start_run(&me, say("Hello?")).await.unwrap();
    script.text("Hi ");
    until_text(&mut started.reader, "Hi ").await;
    script.text("there");
    script.push(ModelEvent::Usage(TokenUsage { input: 9, output: 2, ..TokenUsage::default() }));
    script.end();
    let rest = to_end(&mut started.reader).await.unwrap();
    assert_eq!(text_of(&rest), "there");
    let Some(RunEventKind::RunCompleted { message }) = rest.last().map(|e| &e.kind) else {
        panic!("completed, not {:?}", rest.last());
    };
    assert_eq!(message.text(), "Hi there");
    let run = engine.get_run(&me, started.run.id).await.unwrap();
    assert_eq!((run.status, run.usage.input, run.usage.output), (RunStatus::Completed, 9, 2));
    let detail = engine.get_conversation(&me, run.conversation_id).await.unwrap();
    let shown: Vec<_> =
        detail.messages.items.iter().map(|m| (m.message.role, m.message.text())).collect();
    assert_eq!(shown, [(Role::User, "Hello?".into()), (Role::Assistant, "Hi there".into())]);
    assert_eq!(detail.conversation.title.as_deref(), Some("Hello?"));
    assert!(detail.active_run.is_none());
}

#[tokio::test]
async fn a_log_read_from_any_cut_is_the_same_while_running_and_after() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let script = world.model.script();
    let mut started = engine.start_run(&me, say("Count")).await.unwrap();
    let id = started.run.id;
    for n in 0..30 {
        script.text(&format!("{n} "));
    }
    let mut whole =
        until_text(&mut started.reader, &(0..30).map(|n| format!("{n} ")).collect::<String>())
            .await;
    let live = engine.follow_run(&me, id, 7).await.unwrap();
    script.end();
    whole.extend(to_end(&mut started.reader).await.unwrap());
    let mut live = live;
    assert_eq!(to_end(&mut live).await.unwrap(), whole[7..], "joined while running");
    for cut in 0..=whole.len() {
        let mut reader = engine.follow_run(&me, id, cut as u64).await.unwrap();
        let got = to_end(&mut reader).await.unwrap();
        assert_eq!(got, whole[cut..], "cut after {cut}");
    }
    let seqs: Vec<u64> = whole.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=whole.len() as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_run_goes_on_when_its_reader_leaves() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let script = world.model.script();
    let started = engine.start_run(&me, say("Hello?")).await.unwrap();
    let id = started.run.id;
    drop(started.reader);
    script.text("still here");
    script.end();
    let mut reader = engine.follow_run(&me, id, 0).await.unwrap();
    assert_eq!(text_of(&to_end(&mut reader).await.unwrap()), "still here");
}

#[tokio::test]
async fn a_stopped_run_keeps_what_was_seen_and_ends_once() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let script = world.model.script();
    let mut started = engine.start_run(&me, say("Hello?")).await.unwrap();
    script.text("partial");
    let mut events = until_text(&mut started.reader, "partial").await;
    let run = engine.cancel_run(&me, started.run.id).await.unwrap();
    assert_eq!(run.status, RunStatus::Cancelled);
    events.extend(to_end(&mut started.reader).await.unwrap());
    assert_eq!(events.iter().filter(|e| e.kind.is_terminal()).count(), 1);
    let message = engine.get_message(&me, run.message_id).await.unwrap();
    assert_eq!((message.text().as_str(), message.status), ("partial", MessageStatus::Cancelled));
    script.dropped().await;
    let again = engine.cancel_run(&me, run.id).await.unwrap();
    assert_eq!(again.status, RunStatus::Cancelled);
    turn(&world, &engine, &me, say_in(run.conversation_id, "and now?"), "fine").await;
}

#[tokio::test]
async fn a_failed_run_keeps_its_text_and_says_so_kindly() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let script = world.model.script();
    let mut started = engine.start_run(&me, say("Hello?")).await.unwrap();
    script.text("half an ");
    script.fail(LlmError::Incomplete { detail: "secret detail".into() });
    let events = to_end(&mut started.reader).await.unwrap();
    let Some(RunEventKind::RunFailed { code, message }) = events.last().map(|e| &e.kind) else {
        panic!("failed, not {:?}", events.last());
    };
    assert_eq!(code, "LLM_ERROR");
    assert!(!message.contains("secret"), "{message}");
    let stored = engine.get_message(&me, started.run.message_id).await.unwrap();
    assert_eq!((stored.text().as_str(), stored.status), ("half an ", MessageStatus::Failed));
    turn(&world, &engine, &me, say_in(started.run.conversation_id, "again"), "whole").await;
}

#[tokio::test]
async fn the_model_is_shown_the_history_and_the_question_last() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let first = turn(&world, &engine, &me, say("My name is Ada."), "Hello Ada.").await;
    let conversation = first.run.conversation_id;
    turn(&world, &engine, &me, say_in(conversation, "Who am I?"), "Ada.").await;
    // The second engine has nothing in memory and must read the same.
    let other = world.engine().await;
    turn(&world, &other, &me, say_in(conversation, "Sure?"), "Yes.").await;
    let requests = world.model.requests();
    let roles = |n: usize| requests[n].messages.iter().map(|m| m.role).collect::<Vec<_>>();
    use Role::{Assistant, System, User};
    assert_eq!(roles(0), [System, User]);
    assert_eq!(roles(1), [System, User, Assistant, User]);
    assert_eq!(roles(2), [System, User, Assistant, User, Assistant, User]);
    assert_eq!(requests[1].messages[..2], requests[0].messages[..], "a stable prefix");
    assert_eq!(requests[2].messages[..4], requests[1].messages[..], "a stable prefix");
}

#[tokio::test]
async fn system_messages_stay_when_older_turns_no_longer_fit() {
    use Role::{Assistant, System, User};
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    // Of two such turns the model's window has room for one.
    let long = "word ".repeat(5_000);
    let said = [
        (System, "Answer in verse."),
        (User, long.as_str()),
        (Assistant, "First."),
        (User, long.as_str()),
        (Assistant, "Second."),
    ];
    let input = RunInput::Message {
        text: "And now?".to_owned(),
        file_ids: Vec::new(),
        parent_id: None,
        history: said.map(|(role, text)| (role, text.to_owned())).to_vec(),
    };
    turn(&world, &engine, &me, StartRun { input, ..say("") }, "Third.").await;
    let asked = &world.model.requests()[0].messages;
    let roles: Vec<_> = asked.iter().map(|message| message.role).collect();
    assert_eq!(roles, [System, System, User, Assistant, User]);
    assert_eq!(asked[1], ChatMessage::text(System, "Answer in verse."));
    assert_eq!(asked[3], ChatMessage::text(Assistant, "Second."));
}

#[tokio::test]
async fn one_idempotency_key_is_one_run() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let keyed = |text: &str| {
        let mut request = say(text);
        request.idempotency = Some(Idempotency::new("key-1", "chat", &text).unwrap());
        request
    };
    let script = world.model.script();
    script.text("once");
    script.end();
    let starts = (0..20).map(|_| engine.start_run(&me, keyed("Hello?")));
    let started: Vec<_> =
        futures_util::future::join_all(starts).await.into_iter().map(Result::unwrap).collect();
    for mut run in started {
        assert_eq!(text_of(&to_end(&mut run.reader).await.unwrap()), "once");
    }
    assert_eq!(world.model.requests().len(), 1);
    let other = engine.start_run(&me, keyed("Something else")).await;
    assert!(matches!(other, Err(Error::Conflict(_))), "{other:?}");
}

#[tokio::test]
async fn another_visitor_sees_nothing() {
    let world = World::new();
    let engine = world.engine().await;
    let (me, other) = (visitor(&engine).await, visitor(&engine).await);
    let mine = turn(&world, &engine, &me, say("secret"), "answer").await.run;
    let run = engine.get_run(&other, mine.id).await;
    assert!(matches!(run, Err(Error::NotFound(Thing::Run))));
    assert!(engine.follow_run(&other, mine.id, 0).await.is_err());
    assert!(engine.cancel_run(&other, mine.id).await.is_err());
    assert!(engine.start_run(&other, say_in(mine.conversation_id, "hi")).await.is_err());
    assert!(engine.get_conversation(&other, mine.conversation_id).await.is_err());
}
