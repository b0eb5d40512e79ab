//! `/chat`: one turn in three formats, and who may have it.

use http::StatusCode;
use serde_json::json;
use vpaura_domain::Role;
use vpaura_llm::LlmError;

use crate::app::{NOBODY, TestApp, at, text_of};

#[tokio::test]
async fn token_events_begin_with_the_ids_and_end_finished() {
    let app = TestApp::start().await;
    let answer = app.stranger().post("/chat", json!({ "message": "Hi" })).await;
    assert_eq!(answer.status, StatusCode::OK);
    insta::assert_snapshot!(answer.header("content-type").expect("a type"), @"text/event-stream");
    assert_eq!(answer.header("x-accel-buffering"), Some("no"));
    assert!(answer.header("content-encoding").is_none());
    let events = answer.events();
    insta::assert_snapshot!(events, @r#"
    1 - {"token":"","finished":false,"timestamp":"2026-01-01T00:00:00.000Z","conversation_id":"01900000-0000-7000-8000-000000000004","message_id":"01900000-0000-7000-8000-000000000007","user_message_id":"01900000-0000-7000-8000-000000000005","run_id":"01900000-0000-7000-8000-000000000006"}
    5 - {"token":"Hello ","finished":false,"timestamp":"2026-01-01T00:00:00.000Z"}
    6 - {"token":"there, ","finished":false,"timestamp":"2026-01-01T00:00:00.000Z"}
    7 - {"token":"visitor.","finished":false,"timestamp":"2026-01-01T00:00:00.000Z"}
    12 - {"token":"","finished":true,"timestamp":"2026-01-01T00:00:00.000Z","message_id":"01900000-0000-7000-8000-000000000007","status":"completed","usage":{"input":1,"output":5,"cached":0,"cost":0},"citations":[]}
    "#);
    let tokens: String =
        events.0.iter().map(|event| at(&event.json(), "/token").to_owned()).collect();
    assert_eq!(tokens, "Hello there, visitor.");
}

#[tokio::test]
async fn text_events_are_the_answer_and_the_end_mark() {
    let app = TestApp::start().await;
    let answer = app.stranger().post("/chat/stream", json!({ "message": "Hi" })).await;
    insta::assert_snapshot!(answer.events(), @r#"
    5 - Hello 
    6 - there, 
    7 - visitor.
    12 - [DONE]
    "#);
    for name in ["x-conversation-id", "x-message-id", "x-run-id"] {
        assert_eq!(answer.header(name).map(str::len), Some(36), "{name}");
    }
}

#[tokio::test]
async fn the_whole_answer_is_one_object() {
    let app = TestApp::start().await;
    let answer = app.stranger().post("/chat/message", json!({ "message": "Hi" })).await;
    insta::assert_snapshot!(answer, @r#"200 {"conversation_id":"01900000-0000-7000-8000-000000000004","message_id":"01900000-0000-7000-8000-000000000007","user_message_id":"01900000-0000-7000-8000-000000000005","run_id":"01900000-0000-7000-8000-000000000006","status":"completed","asks":[],"content":"Hello there, visitor.","message":{"id":"01900000-0000-7000-8000-000000000007","conversation_id":"01900000-0000-7000-8000-000000000004","parent_id":"01900000-0000-7000-8000-000000000005","run_id":"01900000-0000-7000-8000-000000000006","role":"assistant","status":"completed","parts":[{"type":"text","text":"Hello there, visitor."}],"model":"test/scripted","usage":{"input":1,"output":5,"cached":0,"cost":0},"error":null,"created_at":"2026-01-01T00:00:00.000Z"},"usage":{"input":1,"output":5,"cached":0,"cost":0},"citations":[]}"#);
}

#[tokio::test]
async fn a_visitor_gets_a_session_and_goes_on_with_it() {
    let app = TestApp::start().await;
    let first = app.stranger().post("/chat/message", json!({ "message": "One" })).await;
    let cookie = first.header("set-cookie").expect("a cookie").to_owned();
    let attributes: Vec<&str> = cookie.split("; ").skip(1).collect();
    assert_eq!(attributes, ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"]);
    let visitor = app.stranger().with_cookie(&first.cookie().expect("a cookie"));
    let conversation = at(&first.json(), "/conversation_id").to_owned();
    let body = json!({ "message": "Two", "conversation_id": conversation });
    let second = visitor.post("/chat/message", body).await;
    assert!(second.header("set-cookie").is_none(), "one session is enough");
    assert_eq!(
        visitor.shown(&conversation).await,
        ["One", "Hello there, visitor.", "Two", "Hello there, visitor."]
    );
    // The model saw what was said before.
    let asked = app.asked();
    assert_eq!(asked[asked.len() - 3..], ["One", "Hello there, visitor.", "Two"]);
}

#[tokio::test]
async fn a_dialogue_that_the_client_kept_can_be_handed_in() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let turns = json!([
        { "role": "user", "content": "My name is Ada." },
        { "role": "assistant", "content": "Hello Ada." },
        { "role": "user", "content": "What is my name?" },
    ]);
    let answer = visitor.post("/chat/message", json!({ "messages": turns })).await.json();
    assert_eq!(
        visitor.shown(at(&answer, "/conversation_id")).await,
        ["My name is Ada.", "Hello Ada.", "What is my name?", "Hello there, visitor."]
    );
}

#[tokio::test]
async fn system_messages_of_a_dialogue_reach_the_model_before_the_talk() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let turns = json!([
        { "role": "system", "content": "Answer in verse." },
        { "role": "user", "content": "My name is Ada." },
        { "role": "assistant", "content": "Hello Ada." },
        { "role": "system", "content": "Be brief." },
        { "role": "user", "content": "What is my name?" },
    ]);
    let answer = visitor.post("/chat/message", json!({ "messages": turns })).await.json();
    let said =
        ["Answer in verse.", "Be brief.", "My name is Ada.", "Hello Ada.", "What is my name?"];
    assert!(app.asked().ends_with(&said.map(str::to_owned)), "{:?}", app.asked());
    let request = app.model.requests().pop().expect("a request");
    let roles: Vec<Role> = request.messages.iter().map(|message| message.role).collect();
    use Role::{Assistant, System, User};
    assert_eq!(roles, [System, System, System, User, Assistant, User]);

    // They hold for the next turn too.
    let conversation = at(&answer, "/conversation_id");
    visitor
        .post("/chat/message", json!({ "message": "Sure?", "conversation_id": conversation }))
        .await;
    let asked = app.asked();
    assert!(asked.windows(2).any(|pair| pair == ["Answer in verse.", "Be brief."]), "{asked:?}");
}

#[tokio::test]
async fn a_turn_that_is_not_one_is_refused_by_field() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let user = json!({ "role": "user", "content": "x" });
    for (body, wanted) in [
        (json!({}), "422 VALIDATION_ERROR message"),
        (json!({ "message": "" }), "422 VALIDATION_ERROR message"),
        (json!({ "message": " \n" }), "422 VALIDATION_ERROR message"),
        (json!({ "message": 7 }), "422 VALIDATION_ERROR message"),
        (json!({ "message": "a\u{0}" }), "422 VALIDATION_ERROR message"),
        (json!({ "message": "a", "messages": [user] }), "422 VALIDATION_ERROR messages"),
        (json!({ "messages": [] }), "422 VALIDATION_ERROR messages"),
        (json!({ "messages": vec![&user; 501] }), "422 VALIDATION_ERROR messages"),
        (
            json!({ "messages": [{ "role": "tool", "content": "x" }, user] }),
            "422 VALIDATION_ERROR messages[0].role",
        ),
        (
            json!({ "messages": [{ "role": "boss", "content": "x" }] }),
            "422 VALIDATION_ERROR messages[0].role",
        ),
        (
            json!({ "messages": [{ "role": "assistant", "content": "x" }] }),
            "422 VALIDATION_ERROR messages[0].role",
        ),
        (json!({ "messages": [{ "role": "user" }] }), "422 VALIDATION_ERROR messages[0].content"),
        (
            json!({ "messages": [{ "role": "user", "content": "x", "colour": 1 }] }),
            "422 VALIDATION_ERROR messages[0].colour",
        ),
        (json!({ "message": "a", "model": "gpt" }), "422 VALIDATION_ERROR model"),
        (json!({ "message": "a", "model": "no/such" }), "404 MODEL_NOT_FOUND"),
        (json!({ "message": "a", "temperature": 2.1 }), "422 VALIDATION_ERROR temperature"),
        (json!({ "message": "a", "max_tokens": 0 }), "422 VALIDATION_ERROR max_tokens"),
        (json!({ "message": "a", "multitask": "both" }), "422 VALIDATION_ERROR multitask"),
        (json!({ "message": "a", "conversation_id": "x" }), "422 VALIDATION_ERROR conversation_id"),
        (json!({ "message": "a", "file_ids": ["x"] }), "422 VALIDATION_ERROR file_ids[0]"),
        (json!({ "message": "a", "conversation_id": NOBODY }), "404 CONVERSATION_NOT_FOUND"),
        (json!({ "message": "a", "file_ids": [NOBODY] }), "404 FILE_NOT_FOUND"),
        (json!({ "message": "a", "file_ids": vec![NOBODY; 11] }), "422 VALIDATION_ERROR file_ids"),
        (json!({ "message": "a", "chatbot_id": NOBODY }), "404 CHATBOT_NOT_FOUND"),
        (json!({ "message": "a", "session_id": NOBODY }), "403 FORBIDDEN"),
    ] {
        for path in ["/chat", "/chat/stream", "/chat/message"] {
            assert_eq!(visitor.post(path, body.clone()).await.error(), wanted, "{path} {body}");
        }
    }
    let long = visitor.post("/chat", json!({ "message": "x".repeat(900_000) })).await;
    assert_eq!(long.error(), "422 VALIDATION_ERROR message");
    assert!(app.model.requests().is_empty(), "nothing of it reached the model");
    assert_eq!(visitor.get("/conversations").await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_bad_request_leaves_no_session_behind() {
    let app = TestApp::start().await;
    let answer = app.stranger().post("/chat", json!({ "message": "a", "temperature": 9 })).await;
    assert_eq!(answer.error(), "422 VALIDATION_ERROR temperature");
    assert!(answer.header("set-cookie").is_none());
    assert_eq!(app.operator().get("/sessions").await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_failed_run_is_told_in_every_format_and_kept() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    // After the first word nothing is tried again.
    let fail = || {
        let script = app.model.script();
        script.text("Well, ");
        script.fail(LlmError::Incomplete { detail: "secret detail".to_owned() });
    };
    fail();
    let answer = visitor.post("/chat/message", json!({ "message": "Hi" })).await;
    assert_eq!(answer.error(), "502 LLM_ERROR");
    assert!(!answer.text().contains("secret detail"), "{answer}");
    let conversation = at(&answer.json(), "/error/details/conversation_id").to_owned();
    let opened = visitor.get(&format!("/conversations/{conversation}")).await.json();
    assert_eq!(opened["messages"][1]["status"], "failed");
    assert_eq!(opened["messages"][1]["error"]["code"], "LLM_ERROR");
    assert_eq!(text_of(&opened["messages"][1]), "Well, ");

    fail();
    let last = visitor.post("/chat", json!({ "message": "Hi" })).await.events().last();
    assert_eq!(last["finished"], true);
    assert_eq!(last["error"]["code"], "LLM_ERROR");
    fail();
    let events = visitor.post("/chat/stream", json!({ "message": "Hi" })).await.events();
    assert_eq!(events.names().last(), Some(&"error"));
}

#[tokio::test]
async fn a_new_visitor_whose_run_fails_keeps_the_session() {
    let app = TestApp::start().await;
    let script = app.model.script();
    script.text("Well, ");
    script.fail(LlmError::Incomplete { detail: "cut".to_owned() });
    let answer = app.stranger().post("/chat/message", json!({ "message": "Hi" })).await;
    assert_eq!(answer.error(), "502 LLM_ERROR");
    let visitor = app.stranger().with_cookie(&answer.cookie().expect("a cookie"));
    let conversation = at(&answer.json(), "/error/details/conversation_id").to_owned();
    assert_eq!(visitor.shown(&conversation).await, ["Hi", "Well, "]);
}

#[tokio::test]
async fn feedback_is_given_and_changed() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let turn = visitor.conversation("Hi").await;
    let message = at(&turn, "/message_id");
    let up = json!({ "message_id": message, "feedback": "positive" });
    let first = visitor.post("/chat/feedback", up).await;
    assert_eq!(first.status, StatusCode::OK, "{first}");
    let down = json!({ "message_id": message, "feedback": "negative", "comment": " Too short. " });
    let second = visitor.post("/chat/feedback", down).await.json();
    assert_eq!(second["id"], first.json()["id"]);
    assert_eq!(second["comment"], "Too short.");
    let conversation = at(&turn, "/conversation_id");
    let opened = visitor.get(&format!("/conversations/{conversation}")).await.json();
    assert_eq!(opened["messages"][1]["feedback"], "negative");

    let nobody = json!({ "message_id": NOBODY, "feedback": "positive" });
    assert_eq!(visitor.post("/chat/feedback", nobody).await.error(), "404 MESSAGE_NOT_FOUND");
    let other = json!({ "message_id": message, "feedback": "positive" });
    let other = app.visitor().await.post("/chat/feedback", other).await;
    assert_eq!(other.error(), "404 MESSAGE_NOT_FOUND");
    let long =
        json!({ "message_id": message, "feedback": "positive", "comment": "x".repeat(2001) });
    assert_eq!(visitor.post("/chat/feedback", long).await.error(), "422 VALIDATION_ERROR comment");
}
