//! `/runs` and what starts them: the log of events, resuming, stopping, and several at once.

use std::time::Duration;

use axum::body::Body;
use http::{Method, StatusCode};
use serde_json::json;
use vpaura_llm::ModelEvent;

use crate::app::{Client, NOBODY, TestApp, at};
use crate::events::Events;

/// An empty conversation.
async fn empty(client: &Client) -> String {
    let created = client.post("/conversations", json!({})).await;
    assert_eq!(created.status, StatusCode::CREATED, "{created}");
    at(&created.json(), "/id").to_owned()
}

async fn run(client: &Client, conversation: &str, message: &str) -> Events {
    let path = format!("/conversations/{conversation}/runs");
    client.post(&path, json!({ "message": message })).await.events()
}

#[tokio::test]
async fn a_run_is_a_numbered_log_of_events() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let events = run(&visitor, &empty(&visitor).await, "Hi").await;
    insta::assert_snapshot!(events, @r#"
    1 run_started {"conversation_id":"01900000-0000-7000-8000-000000000005","message_id":"01900000-0000-7000-8000-000000000009","model":"test/scripted","user_message_id":"01900000-0000-7000-8000-000000000007"}
    2 step_started {"node":"retrieve_context","step":1}
    3 step_finished {"node":"retrieve_context","step":1}
    4 step_started {"node":"call_model","step":2}
    5 delta {"text":"Hello "}
    6 delta {"text":"there, "}
    7 delta {"text":"visitor."}
    8 usage {"usage":{"cached":0,"cost":0,"input":1,"output":5}}
    9 step_finished {"node":"call_model","step":2}
    10 step_started {"node":"format_response","step":3}
    11 step_finished {"node":"format_response","step":3}
    12 run_completed {"message":{"conversation_id":"01900000-0000-7000-8000-000000000005","created_at":"2026-01-01T00:00:00.000Z","error":null,"id":"01900000-0000-7000-8000-000000000009","model":"test/scripted","parent_id":"01900000-0000-7000-8000-000000000007","parts":[{"text":"Hello there, visitor.","type":"text"}],"role":"assistant","run_id":"01900000-0000-7000-8000-000000000008","status":"completed","usage":{"cached":0,"cost":0,"input":1,"output":5}}}
    "#);
    assert_eq!(events.text(), "Hello there, visitor.");
    let numbers: Vec<u64> = events.0.iter().filter_map(|event| event.id).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    let id = at(&events.first(), "/run_id").to_owned();
    insta::assert_snapshot!(visitor.get(&format!("/runs/{id}")).await, @r#"200 {"id":"01900000-0000-7000-8000-000000000008","conversation_id":"01900000-0000-7000-8000-000000000005","session_id":"01900000-0000-7000-8000-000000000003","user_id":null,"api_key_id":null,"chatbot_id":"00000000-0000-7000-8000-000000000001","user_message_id":"01900000-0000-7000-8000-000000000007","message_id":"01900000-0000-7000-8000-000000000009","status":"completed","model":"test/scripted","epoch":1,"last_seq":12,"cancel_requested":false,"usage":{"input":1,"output":5,"cached":0,"cost":0},"error":null,"created_at":"2026-01-01T00:00:00.000Z","started_at":"2026-01-01T00:00:00.000Z","finished_at":"2026-01-01T00:00:00.000Z","asks":[]}"#);
}

#[tokio::test]
async fn a_reader_resumes_from_any_place() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let live = run(&visitor, &empty(&visitor).await, "Hi").await;
    let path = format!("/runs/{}/events", at(&live.first(), "/run_id"));
    let whole = visitor.get(&path).await;
    assert_eq!(whole.events().text(), live.text());
    assert_eq!(whole.events().last(), live.last());
    let frames: Vec<&str> = whole.text().split_inclusive("\n\n").collect();
    let ids: Vec<u64> = whole.events().0.iter().filter_map(|event| event.id).collect();
    assert_eq!(ids.len(), frames.len());
    for (cut, id) in ids.iter().enumerate() {
        let rest = frames[cut + 1..].concat();
        let by_query = visitor.get(&format!("{path}?after={id}")).await;
        assert_eq!(by_query.text(), rest, "after {id}");
        let request = visitor
            .request(Method::GET, &path)
            .header("last-event-id", id.to_string())
            .body(Body::empty());
        let by_header = visitor.send(request.expect("a request")).await;
        assert_eq!(by_header.text(), rest, "after {id}");
    }
    // A live reader may stop at any place; what it missed completes its text.
    for after in 0..=live.0.len() as u64 {
        let seen: String =
            live.0.iter().filter(|event| event.id <= Some(after)).map(delta).collect();
        let rest = visitor.get(&format!("{path}?after={after}")).await.events().text();
        assert_eq!(seen + &rest, live.text(), "after {after}");
    }
    let far = visitor.get(&format!("{path}?after=9999")).await;
    assert_eq!((far.status, far.text()), (StatusCode::OK, ""));
}

fn delta(event: &crate::events::Event) -> String {
    event.json()["text"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn places_that_are_none_are_refused() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let turn = visitor.conversation("Hi").await;
    let path = format!("/runs/{}/events", at(&turn, "/run_id"));
    for bad in ["-1", "x", "1.5", "%2B1", "99999999999999999999"] {
        let answer = visitor.get(&format!("{path}?after={bad}")).await;
        assert_eq!(answer.error(), "422 VALIDATION_ERROR after", "{bad}");
    }
    let request =
        visitor.request(Method::GET, &path).header("last-event-id", "x").body(Body::empty());
    let answer = visitor.send(request.expect("a request")).await;
    assert_eq!(answer.error(), "422 VALIDATION_ERROR Last-Event-ID");
    assert_eq!(visitor.get(&format!("/runs/{NOBODY}/events")).await.error(), "404 RUN_NOT_FOUND");
}

#[tokio::test]
async fn a_run_outlives_its_reader_and_is_followed_by_another() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let script = app.model.script();
    let body = json!({ "message": "Hi" });
    let path = format!("/conversations/{}/runs", empty(&visitor).await);
    let mut open = visitor.stream(&path, body).await;
    let begun = open.until("run_started").await;
    drop(open);
    let id = at(&Events::parse(&begun).first(), "/run_id").to_owned();
    let follower = visitor.clone();
    let follow = async {
        let request = follower.request(Method::GET, &format!("/runs/{id}/events"));
        let mut open = follower.open(request.body(Body::empty()).expect("a request")).await;
        open.until("still").await;
        open.read().await
    };
    let speak = async {
        script.text("still ");
        tokio::task::yield_now().await;
        script.text("here");
        script.end();
    };
    let (rest, ()) = tokio::join!(follow, speak);
    assert_eq!(rest.events().names().last(), Some(&"run_completed"));
    assert!(rest.text().contains("still here"), "{rest}");
}

#[tokio::test]
async fn a_stopped_run_keeps_its_partial_answer() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let script = app.model.script();
    let path = format!("/conversations/{}/runs", empty(&visitor).await);
    let mut open = visitor.stream(&path, json!({ "message": "Hi" })).await;
    script.text("Half an ");
    let seen = open.until("Half an").await;
    let id = at(&Events::parse(&seen).first(), "/run_id").to_owned();
    let cancelled = visitor.post(&format!("/runs/{id}/cancel"), json!({})).await;
    assert_eq!(cancelled.status, StatusCode::OK, "{cancelled}");
    assert_eq!(cancelled.json()["status"], "cancelled");
    assert_eq!(open.read().await.events().names().last(), Some(&"run_cancelled"));
    script.dropped().await;
    let again = visitor.post(&format!("/runs/{id}/cancel"), json!({})).await;
    assert_eq!(again.json(), cancelled.json(), "stopping twice is stopping once");
    let conversation = at(&cancelled.json(), "/conversation_id").to_owned();
    let opened = visitor.get(&format!("/conversations/{conversation}")).await.json();
    assert_eq!(opened["messages"][1]["status"], "cancelled");
    assert_eq!(crate::app::text_of(&opened["messages"][1]), "Half an ");
    assert_eq!(opened["active_run"], json!(null));
}

#[tokio::test]
async fn a_second_message_is_refused_while_the_first_is_answered() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let conversation = empty(&visitor).await;
    let path = format!("/conversations/{conversation}/runs");
    let script = app.model.script();
    let mut first = visitor.stream(&path, json!({ "message": "One" })).await;
    let begun = Events::parse(&first.until("run_started").await);
    let second = visitor.post(&path, json!({ "message": "Two" })).await;
    assert_eq!(second.error(), "409 CONFLICT");
    assert_eq!(second.json()["error"]["details"]["run_id"], begun.first()["run_id"]);
    let opened = visitor.get(&format!("/conversations/{conversation}")).await.json();
    assert_eq!(opened["active_run"]["id"], begun.first()["run_id"]);
    script.end();
    first.read().await;
    assert_eq!(visitor.shown(&conversation).await, ["One", ""]);
}

#[tokio::test]
async fn a_second_message_can_wait_for_the_first() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let conversation = empty(&visitor).await;
    let path = format!("/conversations/{conversation}/runs");
    let script = app.model.script();
    let mut first = visitor.stream(&path, json!({ "message": "One" })).await;
    first.until("run_started").await;
    let second = visitor.stream(&path, json!({ "message": "Two", "multitask": "enqueue" })).await;
    assert_eq!(second.status, StatusCode::OK);
    script.text("First.");
    script.end();
    let (first, second) = tokio::join!(first.read(), second.read());
    assert!(first.text().contains("run_completed"));
    assert_eq!(second.events().text(), "Hello there, visitor.");
    assert_eq!(
        visitor.shown(&conversation).await,
        ["One", "First.", "Two", "Hello there, visitor."]
    );
}

#[tokio::test]
async fn a_second_message_can_interrupt_the_first() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let conversation = empty(&visitor).await;
    let path = format!("/conversations/{conversation}/runs");
    let script = app.model.script();
    let mut first = visitor.stream(&path, json!({ "message": "One" })).await;
    script.text("Well, ");
    first.until("Well").await;
    let second = json!({ "message": "Two", "multitask": "interrupt" });
    let second = visitor.stream(&path, second).await;
    let (first, second) = tokio::join!(first.read(), second.read());
    assert!(first.text().contains("run_cancelled"), "{first}");
    assert_eq!(second.events().text(), "Hello there, visitor.");
    assert_eq!(
        visitor.shown(&conversation).await,
        ["One", "Well, ", "Two", "Hello there, visitor."]
    );
}

#[tokio::test]
async fn another_answer_and_another_question_are_branches() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let turn = visitor.conversation("One").await;
    let (conversation, answer) = (at(&turn, "/conversation_id"), at(&turn, "/message_id"));
    let script = app.model.script();
    script.text("Another answer.");
    script.end();
    let path = format!("/conversations/{conversation}/messages/{answer}/regenerate");
    assert_eq!(visitor.post(&path, json!({})).await.events().text(), "Another answer.");
    let opened = visitor.get(&format!("/conversations/{conversation}")).await.json();
    let siblings = opened["messages"][1]["siblings"].as_array().expect("siblings").clone();
    assert_eq!(siblings.len(), 2);
    assert_eq!(siblings[0], answer);
    assert_eq!(visitor.shown(conversation).await, ["One", "Another answer."]);

    let question = at(&turn, "/user_message_id");
    let path = format!("/conversations/{conversation}/messages/{question}/edit");
    let events = visitor.post(&path, json!({ "message": "One, please" })).await.events();
    assert_eq!(events.names().last(), Some(&"run_completed"));
    assert_eq!(visitor.shown(conversation).await, ["One, please", "Hello there, visitor."]);
    // The old branch is there to be shown again, down to its newest leaf.
    let back = json!({ "head_message_id": question });
    let patched = visitor.patch(&format!("/conversations/{conversation}"), back).await;
    assert_eq!(patched.status, StatusCode::OK, "{patched}");
    assert_eq!(visitor.shown(conversation).await, ["One", "Another answer."]);

    let wrong = format!("/conversations/{conversation}/messages/{answer}/edit");
    assert_eq!(visitor.post(&wrong, json!({ "message": "x" })).await.error(), "409 CONFLICT");
    let nobody = format!("/conversations/{conversation}/messages/{NOBODY}/regenerate");
    assert_eq!(visitor.post(&nobody, json!({})).await.error(), "404 MESSAGE_NOT_FOUND");
}

#[tokio::test]
async fn a_message_can_follow_any_other() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let turn = visitor.conversation("One").await;
    let conversation = at(&turn, "/conversation_id");
    run(&visitor, conversation, "Two").await;
    let body = json!({ "message": "Two, again", "parent_id": at(&turn, "/message_id") });
    visitor.post(&format!("/conversations/{conversation}/runs"), body).await;
    assert_eq!(visitor.shown(conversation).await[2], "Two, again");
    let body = json!({ "message": "x", "parent_id": NOBODY });
    let answer = visitor.post(&format!("/conversations/{conversation}/runs"), body).await;
    assert_eq!(answer.error(), "404 MESSAGE_NOT_FOUND");
}

#[tokio::test]
async fn a_silent_stream_says_that_it_lives() {
    assert_eq!(TestApp::start().await.config.server.heartbeat, Duration::from_secs(15));
    let app = TestApp::with(&[("VPAURA__SERVER__HEARTBEAT_SECONDS", "1")]).await;
    let visitor = app.visitor().await;
    let script = app.model.script();
    let mut open = visitor.stream("/chat", json!({ "message": "Hi" })).await;
    open.until("run_id").await;
    open.until(": keep-alive").await;
    script.text("Here.");
    script.end();
    assert!(open.read().await.text().contains("\"finished\":true"));
}

#[tokio::test]
async fn a_stream_of_what_its_format_does_not_show_says_that_it_lives() {
    let app = TestApp::with(&[("VPAURA__SERVER__HEARTBEAT_SECONDS", "1")]).await;
    let visitor = app.visitor().await;
    let script = app.model.script();
    let mut open = visitor.stream("/chat", json!({ "message": "Hi" })).await;
    open.until("run_id").await;
    let think = async {
        let mut pace = tokio::time::interval(Duration::from_millis(100));
        for _ in 0..30 {
            pace.tick().await;
            script.push(ModelEvent::Reasoning { text: "Hm. ".into(), signature: None });
        }
        script.end();
    };
    let (answer, ()) = tokio::join!(open.read(), think);
    assert!(answer.text().contains(": keep-alive"), "{answer}");
    assert_eq!(answer.events().last()["finished"], true);
}
