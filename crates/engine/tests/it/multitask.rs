//! Messages that arrive while the conversation is answering.

use vpaura_domain::{MultitaskStrategy, Role, RunStatus};
use vpaura_engine::{Error, Idempotency, StartRun};

use crate::support::{World, say, say_in, text_of, to_end, until_text, visitor};

#[tokio::test]
async fn the_second_of_two_messages_is_refused() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let script = world.model.script();
    let mut first = engine.start_run(&me, say("one")).await.unwrap();
    let conversation = first.run.conversation_id;
    let second = engine.start_run(&me, say_in(conversation, "two")).await;
    assert!(matches!(second, Err(Error::RunActive(id)) if id == first.run.id), "{second:?}");
    script.end();
    to_end(&mut first.reader).await.unwrap();
    let detail = engine.get_conversation(&me, conversation).await.unwrap();
    assert_eq!(detail.conversation.message_count, 2, "the refused message left nothing");
}

#[tokio::test]
async fn a_repeated_message_is_its_run_while_that_is_going_or_waits() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let conversation = engine.create_conversation(&me, Default::default(), None).await.unwrap();
    let keyed = |key: &str, text: &str, multitask| {
        let idempotency = Some(Idempotency::new(key, "chat", &text).unwrap());
        StartRun { multitask, idempotency, ..say_in(conversation.id, text) }
    };
    use MultitaskStrategy::{Enqueue, Interrupt, Reject};
    let (first_script, second_script) = (world.model.script(), world.model.script());
    let first = engine.start_run(&me, keyed("k1", "one", Reject)).await.unwrap().run.id;
    let mut readers = Vec::new();
    for multitask in [Reject, Enqueue, Interrupt] {
        let again = engine.start_run(&me, keyed("k1", "one", multitask)).await.unwrap();
        assert_eq!(again.run.id, first, "{multitask:?}");
        readers.push(again.reader);
    }
    let other = engine.start_run(&me, keyed("k1", "two", Reject)).await;
    assert!(matches!(other, Err(Error::Conflict(_))), "{other:?}");
    let refused = engine.start_run(&me, keyed("k2", "two", Reject)).await;
    assert!(matches!(refused, Err(Error::RunActive(id)) if id == first), "{refused:?}");
    let mut queued = engine.start_run(&me, keyed("k2", "two", Enqueue)).await.unwrap();
    let again = engine.start_run(&me, keyed("k2", "two", Enqueue)).await.unwrap();
    assert_eq!((again.run.id, again.run.status), (queued.run.id, RunStatus::Queued));

    first_script.text("once");
    first_script.end();
    second_script.text("then");
    second_script.end();
    for mut reader in readers {
        assert_eq!(text_of(&to_end(&mut reader).await.unwrap()), "once");
    }
    assert_eq!(text_of(&to_end(&mut queued.reader).await.unwrap()), "then");
    let detail = engine.get_conversation(&me, conversation.id).await.unwrap();
    assert_eq!(detail.conversation.message_count, 4, "each message is there once");
}

#[tokio::test]
async fn a_message_that_is_sent_many_times_at_once_is_one_run() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let conversation = engine.create_conversation(&me, Default::default(), None).await.unwrap();
    let script = world.model.script();
    let starts = (0..20).map(|_| {
        let idempotency = Some(Idempotency::new("key", "chat", &"hello").unwrap());
        engine.start_run(&me, StartRun { idempotency, ..say_in(conversation.id, "hello") })
    });
    let started = futures_util::future::join_all(starts).await;
    let started: Vec<_> = started.into_iter().map(Result::unwrap).collect();
    assert!(started.iter().all(|it| it.run.id == started[0].run.id));
    script.text("once");
    script.end();
    for mut run in started {
        assert_eq!(text_of(&to_end(&mut run.reader).await.unwrap()), "once");
    }
    assert_eq!(world.model.requests().len(), 1);
}

#[tokio::test]
async fn a_hundred_messages_at_once_are_one_run_and_ninety_nine_refusals() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let conversation = engine.create_conversation(&me, Default::default(), None).await.unwrap();
    let script = world.model.script();
    let starts = (0..100).map(|n| engine.start_run(&me, say_in(conversation.id, &format!("{n}"))));
    let results = futures_util::future::join_all(starts).await;
    let (started, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!((started.len(), refused.len()), (1, 99));
    assert!(refused.iter().all(|r| matches!(r, Err(Error::RunActive(_)))));
    script.end();
    for run in started {
        to_end(&mut run.unwrap().reader).await.unwrap();
    }
    assert_eq!(world.model.requests().len(), 1);
}

#[tokio::test]
async fn enqueued_messages_run_one_after_another_in_order() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let scripts = [world.model.script(), world.model.script(), world.model.script()];
    let mut first = engine.start_run(&me, say("q0")).await.unwrap();
    let conversation = first.run.conversation_id;
    let enqueue = |text: &str| StartRun {
        multitask: MultitaskStrategy::Enqueue,
        ..say_in(conversation, text)
    };
    let mut second = engine.start_run(&me, enqueue("q1")).await.unwrap();
    let mut third = engine.start_run(&me, enqueue("q2")).await.unwrap();
    assert_eq!((second.run.status, third.run.status), (RunStatus::Queued, RunStatus::Queued));
    for (n, script) in scripts.into_iter().enumerate() {
        script.text(&format!("a{n}"));
        script.end();
    }
    for (n, run) in [&mut first, &mut second, &mut third].into_iter().enumerate() {
        assert_eq!(text_of(&to_end(&mut run.reader).await.unwrap()), format!("a{n}"));
    }
    let detail = engine.get_conversation(&me, conversation).await.unwrap();
    let texts: Vec<_> = detail.messages.items.iter().map(|m| m.message.text()).collect();
    assert_eq!(texts, ["q0", "a0", "q1", "a1", "q2", "a2"]);
    let asked: Vec<_> = world.model.requests()[2].messages.iter().map(|m| m.role).collect();
    assert_eq!(asked[1..], [Role::User, Role::Assistant, Role::User, Role::Assistant, Role::User]);
}

#[tokio::test]
async fn an_interrupting_message_stops_the_run_and_is_answered() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let (first_script, second_script) = (world.model.script(), world.model.script());
    let mut first = engine.start_run(&me, say("q0")).await.unwrap();
    first_script.text("so far");
    until_text(&mut first.reader, "so far").await;
    let request = StartRun {
        multitask: MultitaskStrategy::Interrupt,
        ..say_in(first.run.conversation_id, "q1")
    };
    second_script.text("instead");
    second_script.end();
    let mut second = engine.start_run(&me, request).await.unwrap();
    assert_eq!(text_of(&to_end(&mut second.reader).await.unwrap()), "instead");
    let stopped = engine.get_run(&me, first.run.id).await.unwrap();
    assert_eq!(stopped.status, RunStatus::Cancelled);
    let detail = engine.get_conversation(&me, first.run.conversation_id).await.unwrap();
    let texts: Vec<_> = detail.messages.items.iter().map(|m| m.message.text()).collect();
    assert_eq!(texts, ["q0", "so far", "q1", "instead"]);
}
