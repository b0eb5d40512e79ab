//! Tools: what a model is offered, what it gets, and what it is told when it errs.

use vpaura_domain::{Part, RunStatus};
use vpaura_llm::Content;

use crate::support::{World, calls, results, say, says, text_of, to_end, visitor};

#[tokio::test]
async fn a_tool_answers_and_the_model_goes_on() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    calls(&world, &[("c1", "current_time", r#"{"utc_offset":"+01:00"}"#)]);
    says(&world, "It is Friday.");
    let mut started = engine.start_run(&me, say("What day is it?")).await.unwrap();
    let events = to_end(&mut started.reader).await.unwrap();
    let told = "2025-11-21T05:40:00+01:00 (Friday)";
    assert_eq!(results(&events), [("c1", (told, false))].into());
    assert_eq!(text_of(&events), "It is Friday.");

    let requests = world.model.requests();
    let offered: Vec<_> = requests[0].tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(offered, ["current_time", "search_files", "rename_conversation"]);
    let result = &requests[1].messages.last().unwrap().content[0];
    assert!(matches!(result, Content::ToolResult { id, output, is_error: false }
        if id == "c1" && output == told));
    let answer = engine.get_message(&me, started.run.message_id).await.unwrap();
    assert!(
        matches!(&answer.parts[..], [
        Part::ToolCall { name, .. },
        Part::ToolResult { is_error: false, .. },
        Part::Text { text },
    ] if name == "current_time" && text == "It is Friday."),
        "{:?}",
        answer.parts
    );
}

#[tokio::test]
async fn a_model_that_errs_is_told_and_may_try_again() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    calls(
        &world,
        &[
            ("c1", "launch_rocket", "{}"),
            ("c2", "current_time", "{not json"),
            ("c3", "current_time", r#"{"zone":"Mars"}"#),
            ("c4", "search_files", r#"{"query":"refunds"}"#),
            ("c5", "search_files", r#"{"query":"  "}"#),
            ("c6", "current_time", ""),
        ],
    );
    says(&world, "Well.");
    let mut started = engine.start_run(&me, say("Try everything.")).await.unwrap();
    let events = to_end(&mut started.reader).await.unwrap();
    let results = results(&events);
    let errors: Vec<_> =
        results.iter().filter(|(_, (_, error))| *error).map(|(id, _)| *id).collect();
    assert_eq!(errors, ["c1", "c2", "c3", "c5"]);
    assert!(results["c1"].0.contains("no tool called \"launch_rocket\""), "{results:?}");
    assert!(results["c3"].0.contains("unknown field `zone`"), "{results:?}");
    assert_eq!(results["c4"].0, "There are no files in this conversation.");
    // One message to the model, in the order of the calls.
    let asked = world.model.requests().pop().unwrap();
    let ids = asked.messages.last().unwrap().content.iter().map(|content| match content {
        Content::ToolResult { id, .. } => id.clone(),
        other => panic!("{other:?}"),
    });
    assert_eq!(ids.collect::<Vec<_>>(), ["c1", "c2", "c3", "c4", "c5", "c6"]);
    let run = engine.get_run(&me, started.run.id).await.unwrap();
    assert_eq!(run.status, RunStatus::Completed);
}

#[tokio::test]
async fn a_model_that_cannot_use_tools_is_offered_none() {
    let world = World::new();
    let engine = world.engine_with_model(false).await;
    let me = visitor(&engine).await;
    says(&world, "Hello.");
    let mut started = engine.start_run(&me, say("Hi")).await.unwrap();
    to_end(&mut started.reader).await.unwrap();
    assert!(world.model.requests()[0].tools.is_empty());
}

#[tokio::test]
async fn a_model_that_never_stops_calling_tools_is_stopped() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    for round in 0..20 {
        calls(&world, &[(&format!("c{round}"), "current_time", "{}")]);
    }
    let mut started = engine.start_run(&me, say("What time is it?")).await.unwrap();
    let events = to_end(&mut started.reader).await.unwrap();
    assert_eq!(results(&events).len(), 8);
    assert!(events.last().unwrap().kind.is_terminal());
    assert!(world.model.requests().len() < 12);
}
