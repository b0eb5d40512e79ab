//! Runs that wait for somebody's answers: how each format says so, and how they are answered.

use http::StatusCode;
use serde_json::{Value, json};
use vpaura_llm::{ModelEvent, StopReason};

use crate::app::{Answer, Client, NOBODY, TestApp, at};

const ASK: &str = "0:call_tool[0]#approve:c1";

/// The model's next turn is to rename the conversation.
fn renames(app: &TestApp) {
    let script = app.model.script();
    let name = "rename_conversation".to_owned();
    script.push(ModelEvent::Text("One moment. ".into()));
    script.push(ModelEvent::ToolCallStart { index: 0, id: "c1".to_owned(), name });
    let arguments = r#"{"title":"Refunds"}"#.into();
    script.push(ModelEvent::ToolCallDelta { index: 0, arguments });
    script.push(ModelEvent::Stop(StopReason::ToolCalls));
}

/// Somebody whose run waits; the run's id.
async fn waiting(app: &TestApp) -> (Client, String) {
    renames(app);
    let visitor = app.visitor().await;
    let answer = visitor.post("/chat/message", json!({ "message": "Rename it." })).await.json();
    assert_eq!(answer["status"], "interrupted", "{answer}");
    (visitor, at(&answer, "/run_id").to_owned())
}

async fn resume(client: &Client, run: &str, answer: Value) -> Answer {
    let answers = json!({ "answers": { ASK: answer } });
    client.post(&format!("/runs/{run}/resume"), answers).await
}

#[tokio::test]
async fn the_log_ends_with_the_question_and_goes_on_after_the_answer() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let created = visitor.post("/conversations", json!({})).await.json();
    let path = format!("/conversations/{}", at(&created, "/id"));
    renames(&app);
    let runs = format!("{path}/runs");
    let before = visitor.post(&runs, json!({ "message": "Rename it." })).await.events();
    insta::assert_snapshot!(before, @"");
    let id = at(&before.first(), "/run_id").to_owned();
    let run = visitor.get(&format!("/runs/{id}")).await;
    insta::assert_snapshot!(run, @"");
    let opened = visitor.get(&path).await.json();
    assert_eq!(opened["active_run"], run.json());
    let busy = visitor.post(&runs, json!({ "message": "Hello?" })).await;
    assert_eq!(busy.error(), "409 CONFLICT");

    let resumed = resume(&visitor, &id, json!({ "approved": true })).await;
    insta::assert_snapshot!(resumed, @"");
    let last = before.last()["seq"].as_u64().expect("a number");
    let after = visitor.get(&format!("/runs/{id}/events?after={last}")).await.events();
    insta::assert_snapshot!(after, @"");
    assert_eq!(at(&visitor.get(&path).await.json(), "/title"), "Refunds");
}

#[tokio::test]
async fn each_format_of_chat_says_that_the_run_waits() {
    let app = TestApp::start().await;
    renames(&app);
    let tokens = app.stranger().post("/chat", json!({ "message": "Rename it." })).await.events();
    insta::assert_snapshot!(tokens, @"");
    renames(&app);
    let text = app.stranger().post("/chat/stream", json!({ "message": "Rename it." })).await;
    insta::assert_snapshot!(text.events(), @"");
    renames(&app);
    let whole = app.stranger().post("/chat/message", json!({ "message": "Rename it." })).await;
    insta::assert_snapshot!(whole, @"");
}

#[tokio::test]
async fn what_cannot_be_taken_for_an_answer_is_refused_by_name() {
    let app = TestApp::start().await;
    let (visitor, run) = waiting(&app).await;
    let path = format!("/runs/{run}/resume");
    let long = json!({ "approved": false, "reason": "x".repeat(2_001) });
    for (body, field) in [
        (json!({}), "answers"),
        (json!({ "answers": {} }), "answers"),
        (json!({ "answers": [] }), "answers"),
        (json!({ "answers": { "x": true } }), "answers.x"),
        (json!({ "answers": { ASK: true, "x": true } }), "answers.x"),
        (json!({ "answers": { ASK: "yes" } }), &format!("answers.{ASK}")[..]),
        (json!({ "answers": { ASK: long } }), &format!("answers.{ASK}")[..]),
        (json!({ "answers": { ASK: true }, "extra": 1 }), "extra"),
    ] {
        let refused = visitor.post(&path, body.clone()).await;
        assert_eq!(refused.error(), "422 VALIDATION_ERROR", "{body}");
        assert_eq!(at(&refused.json(), "/error/details/field"), field, "{body}");
    }
    let still = visitor.get(&format!("/runs/{run}")).await.json();
    assert_eq!(still["asks"][0]["id"], ASK);

    let other = app.visitor().await;
    assert_eq!(resume(&other, &run, json!(true)).await.error(), "404 RUN_NOT_FOUND");
    assert_eq!(resume(&visitor, NOBODY, json!(true)).await.error(), "404 RUN_NOT_FOUND");
    let done = resume(&app.operator(), &run, json!(false)).await;
    assert_eq!(done.status, StatusCode::OK, "{done}");
    visitor.get(&format!("/runs/{run}/events")).await;
    assert_eq!(resume(&visitor, &run, json!(true)).await.error(), "409 CONFLICT");
}

#[tokio::test]
async fn a_run_that_waits_is_stopped_as_any_other() {
    let app = TestApp::start().await;
    let (visitor, run) = waiting(&app).await;
    let stopped = visitor.post(&format!("/runs/{run}/cancel"), json!({})).await.json();
    assert_eq!(stopped["status"], "cancelled");
    let message = format!("/conversations/{}", at(&stopped, "/conversation_id"));
    let shown = visitor.get(&message).await.json();
    assert_eq!(shown["messages"][1]["parts"][0]["text"], "One moment. ", "{shown}");
    assert_eq!(shown["active_run"], Value::Null);
    assert_eq!(resume(&visitor, &run, json!(true)).await.error(), "409 CONFLICT");
}
