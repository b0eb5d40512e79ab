//! The application around the routes, and the server on a port.

use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use vpaura_server::Server;

use crate::app::{Answer, TestApp, at};

async fn get(app: &TestApp, path: &str) -> Answer {
    let request = Request::get(path).header("host", "test").body(Body::empty());
    app.stranger().send(request.expect("a request")).await
}

#[tokio::test]
async fn the_addresses_outside_the_api_answer() {
    let app = TestApp::start().await;
    for path in ["/health", "/health/live", "/health/ready", "/api/v1/health"] {
        let health = get(&app, path).await;
        assert_eq!(
            (health.status, &health.json()["status"]),
            (StatusCode::OK, &json!("ok")),
            "{path}"
        );
    }
    let checks = get(&app, "/health").await.json()["checks"].clone();
    assert_eq!(
        checks.as_object().map(|checks| checks.keys().cloned().collect::<Vec<_>>()),
        Some(vec!["cache".to_owned(), "database".to_owned(), "models".to_owned()])
    );
    assert_eq!(get(&app, "/docs/").await.status, StatusCode::OK);
    assert_eq!(get(&app, "/").await.status, StatusCode::OK);
    let moved = get(&app, "/api/conversations?limit=2").await;
    assert_eq!(moved.status, StatusCode::PERMANENT_REDIRECT);
    assert_eq!(moved.header("location"), Some("/api/v1/conversations?limit=2"));
    assert_eq!(get(&app, "/api/v1/nothing").await.error(), "404 NOT_FOUND");
}

#[tokio::test]
async fn metrics_name_routes_and_not_addresses() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let turn = visitor.conversation("Hi").await;
    visitor.get(&format!("/runs/{}", at(&turn, "/run_id"))).await;
    let metrics = get(&app, "/metrics").await;
    let text = metrics.text();
    assert!(
        text.contains(
            "http_requests_total{method=\"GET\",endpoint=\"/api/v1/runs/{id}\",status=\"200\"}"
        ),
        "{text}"
    );
    assert!(text.contains("chatbot_active_sessions 1"), "{text}");
    assert!(!text.contains(at(&turn, "/run_id")), "{text}");
}

#[tokio::test]
async fn every_answer_names_its_request() {
    let app = TestApp::start().await;
    let refused = app.stranger().get("/conversations").await;
    let id = refused.header("x-request-id").expect("an id").to_owned();
    assert_eq!(at(&refused.json(), "/error/request_id"), id);
    assert!(refused.header("x-process-time").is_some());
    insta::assert_snapshot!(refused, @r#"401 {"error":{"code":"UNAUTHORIZED","message":"A valid session token or API key is required.","details":null,"timestamp":"2026-01-01T00:00:00.000Z","request_id":"01900000-0000-7000-8000-000000000002"}}"#);
}

/// One request on a new connection; all that comes back.
async fn talk(address: std::net::SocketAddr, request: &str) -> std::io::Result<String> {
    let mut connection = TcpStream::connect(address).await?;
    connection.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn a_server_drains_before_it_stops() {
    let app = TestApp::start().await;
    let server = Server::bind(app.engine.clone(), &app.config).await.expect("a port");
    let address = server.local_addr();
    let stop = CancellationToken::new();
    let serving = tokio::spawn(server.run(stop.clone().cancelled_owned()));
    let script = app.model.script();
    let body = r#"{"message":"Hi"}"#;
    let mut chat = TcpStream::connect(address).await.expect("a connection");
    let request = format!(
        "POST /api/v1/chat HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    chat.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    while !answer.contains("run_id") {
        let mut piece = [0; 4096];
        let length = chat.read(&mut piece).await.expect("bytes");
        assert!(length > 0, "{answer}");
        answer.push_str(std::str::from_utf8(&piece[..length]).expect("UTF-8"));
    }
    let health = "GET /health/ready HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
    assert!(talk(address, health).await.expect("an answer").starts_with("HTTP/1.1 200"));

    stop.cancel();
    // The open answer is finished although nobody is let in any more.
    while talk(address, health).await.is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")) {
        tokio::task::yield_now().await;
    }
    script.text("To the end.");
    script.end();
    let mut rest = String::new();
    chat.read_to_string(&mut rest).await.expect("the rest");
    assert!(rest.contains("To the end."), "{rest}");
    assert!(rest.contains("\"finished\":true"), "{rest}");
    let left = tokio::time::timeout(Duration::from_secs(60), serving).await.expect("in time");
    assert_eq!(left.expect("no panic"), 0);
}
