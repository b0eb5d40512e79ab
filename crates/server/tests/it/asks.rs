//! Runs that wait for somebody's answers: how each format says so, and how they are answered.

use http::StatusCode;
use serde_json::{Value, json};
use vpaura_llm::{ModelEvent, StopReason};

use crate::app::{Answer, Client, NOBODY, TestApp, at};

const ASK: &str = "3:call_tool[0]#approve:c1";

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
    insta::assert_snapshot!(before, @r#"
    1 run_started {"conversation_id":"01900000-0000-7000-8000-000000000005","message_id":"01900000-0000-7000-8000-000000000009","model":"test/scripted","user_message_id":"01900000-0000-7000-8000-000000000007"}
    2 step_started {"node":"retrieve_context","step":1}
    3 step_finished {"node":"retrieve_context","step":1}
    4 step_started {"node":"call_model","step":2}
    5 delta {"text":"One moment. "}
    6 tool_call {"arguments":"","id":"c1","name":"rename_conversation"}
    7 tool_call {"arguments":"{\"title\":\"Refunds\"}","id":"c1","name":""}
    8 usage {"usage":{"cached":0,"cost":0,"input":60,"output":4}}
    9 step_finished {"node":"call_model","step":2}
    10 step_started {"node":"call_tool[0]","step":3}
    11 interrupt {"ask":{"id":"3:call_tool[0]#approve:c1","key":"approve:c1","path":"call_tool[0]","question":{"arguments":{"title":"Refunds"},"call_id":"c1","kind":"approve_tool","tool":"rename_conversation"}}}
    "#);
    let id = at(&before.first(), "/run_id").to_owned();
    let run = visitor.get(&format!("/runs/{id}")).await;
    insta::assert_snapshot!(run, @r#"200 {"id":"01900000-0000-7000-8000-000000000008","conversation_id":"01900000-0000-7000-8000-000000000005","session_id":"01900000-0000-7000-8000-000000000003","user_id":null,"api_key_id":null,"chatbot_id":"00000000-0000-7000-8000-000000000001","user_message_id":"01900000-0000-7000-8000-000000000007","message_id":"01900000-0000-7000-8000-000000000009","status":"interrupted","model":"test/scripted","epoch":1,"last_seq":11,"cancel_requested":false,"usage":{"input":60,"output":4,"cached":0,"cost":0},"error":null,"created_at":"2026-01-01T00:00:00.000Z","started_at":"2026-01-01T00:00:00.000Z","finished_at":null,"asks":[{"id":"3:call_tool[0]#approve:c1","path":"call_tool[0]","key":"approve:c1","question":{"arguments":{"title":"Refunds"},"call_id":"c1","kind":"approve_tool","tool":"rename_conversation"}}]}"#);
    let opened = visitor.get(&path).await.json();
    assert_eq!(opened["active_run"], run.json());
    let busy = visitor.post(&runs, json!({ "message": "Hello?" })).await;
    assert_eq!(busy.error(), "409 CONFLICT");

    let resumed = resume(&visitor, &id, json!({ "approved": true })).await;
    insta::assert_snapshot!(resumed, @r#"200 {"id":"01900000-0000-7000-8000-000000000008","conversation_id":"01900000-0000-7000-8000-000000000005","session_id":"01900000-0000-7000-8000-000000000003","user_id":null,"api_key_id":null,"chatbot_id":"00000000-0000-7000-8000-000000000001","user_message_id":"01900000-0000-7000-8000-000000000007","message_id":"01900000-0000-7000-8000-000000000009","status":"running","model":"test/scripted","epoch":2,"last_seq":11,"cancel_requested":false,"usage":{"input":60,"output":4,"cached":0,"cost":0},"error":null,"created_at":"2026-01-01T00:00:00.000Z","started_at":"2026-01-01T00:00:00.000Z","finished_at":null,"asks":[]}"#);
    let last = before.last()["seq"].as_u64().expect("a number");
    let after = visitor.get(&format!("/runs/{id}/events?after={last}")).await.events();
    insta::assert_snapshot!(after, @r#"
    12 step_started {"node":"call_tool[0]","step":3}
    13 tool_result {"id":"c1","is_error":false,"output":"The conversation is called \"Refunds\" now."}
    14 step_finished {"node":"call_tool[0]","step":3}
    15 step_started {"node":"call_model","step":4}
    16 delta {"text":"Hello "}
    17 delta {"text":"there, "}
    18 delta {"text":"visitor."}
    19 usage {"usage":{"cached":0,"cost":0,"input":61,"output":9}}
    20 step_finished {"node":"call_model","step":4}
    21 step_started {"node":"format_response","step":5}
    22 step_finished {"node":"format_response","step":5}
    23 run_completed {"message":{"conversation_id":"01900000-0000-7000-8000-000000000005","created_at":"2026-01-01T00:00:00.000Z","error":null,"id":"01900000-0000-7000-8000-000000000009","model":"test/scripted","parent_id":"01900000-0000-7000-8000-000000000007","parts":[{"text":"One moment. ","type":"text"},{"arguments":"{\"title\":\"Refunds\"}","id":"c1","name":"rename_conversation","type":"tool_call"},{"id":"c1","is_error":false,"output":"The conversation is called \"Refunds\" now.","type":"tool_result"},{"text":"Hello there, visitor.","type":"text"}],"role":"assistant","run_id":"01900000-0000-7000-8000-000000000008","status":"completed","usage":{"cached":0,"cost":0,"input":61,"output":9}}}
    "#);
    assert_eq!(at(&visitor.get(&path).await.json(), "/title"), "Refunds");
}

#[tokio::test]
async fn each_format_of_chat_says_that_the_run_waits() {
    let app = TestApp::start().await;
    renames(&app);
    let tokens = app.stranger().post("/chat", json!({ "message": "Rename it." })).await.events();
    insta::assert_snapshot!(tokens, @r#"
    1 - {"token":"","finished":false,"timestamp":"2026-01-01T00:00:00.000Z","conversation_id":"01900000-0000-7000-8000-000000000004","message_id":"01900000-0000-7000-8000-000000000007","user_message_id":"01900000-0000-7000-8000-000000000005","run_id":"01900000-0000-7000-8000-000000000006"}
    5 - {"token":"One moment. ","finished":false,"timestamp":"2026-01-01T00:00:00.000Z"}
    11 - {"token":"","finished":true,"timestamp":"2026-01-01T00:00:00.000Z","message_id":"01900000-0000-7000-8000-000000000007","status":"interrupted","asks":[{"id":"3:call_tool[0]#approve:c1","path":"call_tool[0]","key":"approve:c1","question":{"arguments":{"title":"Refunds"},"call_id":"c1","kind":"approve_tool","tool":"rename_conversation"}}]}
    "#);
    renames(&app);
    let text = app.stranger().post("/chat/stream", json!({ "message": "Rename it." })).await;
    insta::assert_snapshot!(text.events(), @r#"
    5 - One moment. 
    11 interrupt {"ask":{"id":"3:call_tool[0]#approve:c1","key":"approve:c1","path":"call_tool[0]","question":{"arguments":{"title":"Refunds"},"call_id":"c1","kind":"approve_tool","tool":"rename_conversation"}}}
    11 - [DONE]
    "#);
    renames(&app);
    let whole = app.stranger().post("/chat/message", json!({ "message": "Rename it." })).await;
    insta::assert_snapshot!(whole, @r#"200 {"conversation_id":"01900000-0000-7000-8000-000000000010","message_id":"01900000-0000-7000-8000-000000000013","user_message_id":"01900000-0000-7000-8000-000000000011","run_id":"01900000-0000-7000-8000-000000000012","status":"interrupted","asks":[{"id":"3:call_tool[0]#approve:c1","path":"call_tool[0]","key":"approve:c1","question":{"arguments":{"title":"Refunds"},"call_id":"c1","kind":"approve_tool","tool":"rename_conversation"}}],"content":"","message":null,"usage":{"input":60,"output":4,"cached":0,"cost":0},"citations":[]}"#);
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
        assert_eq!(refused.error(), format!("422 VALIDATION_ERROR {field}"), "{body}");
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
