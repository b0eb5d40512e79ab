//! How often somebody may do something.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use http::{Method, StatusCode};
use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn requests_are_counted_for_each_caller() {
    let app = TestApp::with(&[
        ("RATE_LIMIT_REQUESTS", "3"),
        ("RATE_LIMIT_WINDOW", "60"),
        ("VPAURA__LIMITS__REQUESTS", "3"),
    ])
    .await;
    let visitor = app.visitor().await;
    for _ in 0..3 {
        assert_eq!(visitor.get("/conversations").await.status, StatusCode::OK);
    }
    let refused = visitor.get("/conversations").await;
    assert_eq!(refused.error(), "429 RATE_LIMIT_EXCEEDED");
    let wait: u64 = refused.header("retry-after").expect("Retry-After").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(app.operator().get("/conversations").await.status, StatusCode::OK);
}

#[tokio::test]
async fn guesses_are_counted_for_their_address() {
    let app = TestApp::with(&[("VPAURA__LIMITS__REQUESTS", "3")]).await;
    let guess = app.stranger().with_header("x-api-key", "a guess");
    for _ in 0..3 {
        assert_eq!(guess.get("/conversations").await.error(), "401 UNAUTHORIZED");
    }
    assert_eq!(guess.get("/conversations").await.error(), "429 RATE_LIMIT_EXCEEDED");
    assert_eq!(app.stranger().get("/shared/x").await.error(), "429 RATE_LIMIT_EXCEEDED");
}

#[tokio::test]
async fn an_anonymous_visitor_says_only_so_much() {
    let app = TestApp::with(&[("VPAURA__LIMITS__ANONYMOUS_CHAT_PER_MINUTE", "2")]).await;
    let visitor = app.visitor().await;
    let say = json!({ "message": "Hi" });
    for _ in 0..2 {
        assert_eq!(visitor.post("/chat/message", say.clone()).await.status, StatusCode::OK);
    }
    let refused = visitor.post("/chat/message", say.clone()).await;
    assert_eq!(refused.error(), "429 RATE_LIMIT_EXCEEDED");
    assert!(refused.header("retry-after").is_some());
    assert_eq!(visitor.get("/conversations").await.status, StatusCode::OK);
    for _ in 0..3 {
        assert_eq!(app.operator().post("/chat/message", say.clone()).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn visitors_without_a_session_are_counted_by_their_address() {
    let app = TestApp::with(&[("VPAURA__LIMITS__ANONYMOUS_CHAT_PER_MINUTE", "2")]).await;
    let say = async |path: &str, address: [u8; 4]| {
        let mut request = app.stranger().json(Method::POST, path, &json!({ "message": "Hi" }));
        let peer = ConnectInfo(SocketAddr::from((address, 4711)));
        request.extensions_mut().insert(peer);
        app.stranger().send(request).await
    };
    let mut cookie = None;
    for path in ["/chat", "/chat/message"] {
        let answer = say(path, [192, 0, 2, 1]).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer}");
        cookie = answer.cookie();
    }
    for path in ["/chat", "/chat/stream", "/chat/message"] {
        let refused = say(path, [192, 0, 2, 1]).await;
        assert_eq!(refused.error(), "429 RATE_LIMIT_EXCEEDED", "{path}");
        assert!(refused.cookie().is_none());
    }
    let sessions = app.operator().get("/sessions").await.json();
    assert_eq!(sessions["items"].as_array().map(Vec::len), Some(2), "none is made in vain");
    assert_eq!(say("/chat/message", [192, 0, 2, 2]).await.status, StatusCode::OK);
    // Who has a session has a bucket of its own, with one message in it.
    let visitor = app.stranger().with_cookie(&cookie.expect("a cookie"));
    let body = json!({ "message": "Hi" });
    assert_eq!(visitor.post("/chat/message", body.clone()).await.status, StatusCode::OK);
    assert_eq!(visitor.post("/chat/message", body).await.error(), "429 RATE_LIMIT_EXCEEDED");
}

#[tokio::test]
async fn only_so_many_streams_are_open() {
    let app = TestApp::with(&[("VPAURA__SERVER__MAX_STREAMS", "1")]).await;
    let visitor = app.visitor().await;
    let script = app.model.script();
    let mut open = visitor.stream("/chat", json!({ "message": "Hi" })).await;
    open.until("run_id").await;
    let refused = visitor.post("/chat", json!({ "message": "Ho" })).await;
    assert_eq!(refused.error(), "503 SERVICE_UNAVAILABLE");
    script.end();
    open.read().await;
    assert_eq!(visitor.post("/chat", json!({ "message": "Ho" })).await.status, StatusCode::OK);
}
