//! `/sessions`.

use http::StatusCode;
use serde_json::json;

use crate::app::{API_KEY, NOBODY, TestApp, at};

#[tokio::test]
async fn anyone_begins_a_session_and_proves_it_by_cookie_or_token() {
    let app = TestApp::start().await;
    let stranger = app.stranger().with_header("user-agent", "Tests/1.0");
    let created = stranger.post("/sessions", json!({ "title": "Tuesday" })).await;
    assert_eq!(created.status, StatusCode::CREATED);
    let mut shown = created.json();
    let token = at(&shown, "/token").to_owned();
    let cookie = created.header("set-cookie").expect("a cookie").to_owned();
    assert_eq!(
        cookie,
        format!("session_token={token}; HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000")
    );
    shown["token"] = json!("…");
    insta::assert_snapshot!(shown, @r#"{"session":{"created_at":"2026-01-01T00:00:00.000Z","expires_at":"2026-01-31T00:00:00.000Z","id":"01900000-0000-7000-8000-000000000003","ip_address":"::","last_accessed":"2026-01-01T00:00:00.000Z","metadata":{},"owner_id":null,"status":"active","title":"Tuesday","updated_at":"2026-01-01T00:00:00.000Z","user_agent":"Tests/1.0","user_id":null},"token":"…"}"#);
    let by_cookie = app.stranger().with_cookie(&created.cookie().expect("a cookie"));
    let by_token = app.stranger().with_bearer(&token);
    for client in [by_cookie, by_token] {
        let current = client.get("/sessions/current").await.json();
        assert_eq!(current["id"], created.json()["session"]["id"]);
    }
}

#[tokio::test]
async fn a_token_ends_with_its_session() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let id = at(&visitor.get("/sessions/current").await.json(), "/id").to_owned();
    assert_eq!(visitor.delete(&format!("/sessions/{id}")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(visitor.get("/conversations").await.error(), "401 UNAUTHORIZED");
    // A browser holds on to its cookie: it must be able to begin again.
    let again = visitor.post("/sessions", json!({})).await;
    assert_eq!(again.status, StatusCode::CREATED);

    let visitor = app.visitor().await;
    app.clock.advance(std::time::Duration::from_secs(30 * 86_400));
    assert_eq!(visitor.get("/conversations").await.error(), "401 UNAUTHORIZED");
}

#[tokio::test]
async fn a_session_is_named_archived_and_listed() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let id = at(&visitor.get("/sessions/current").await.json(), "/id").to_owned();
    let path = format!("/sessions/{id}");
    let body = json!({ "title": "Ada", "metadata": { "plan": "free" } });
    let patched = visitor.patch(&path, body).await.json();
    assert_eq!((&patched["title"], &patched["metadata"]["plan"]), (&json!("Ada"), &json!("free")));
    let patched = visitor.patch(&path, json!({ "title": null, "status": "archived" })).await.json();
    assert_eq!((&patched["title"], &patched["status"]), (&json!(null), &json!("archived")));
    assert_eq!(visitor.get("/sessions").await.json()["items"], json!([]));
    let archived = visitor.get("/sessions?status=archived").await.json();
    assert_eq!(archived["items"][0]["id"], json!(id));
    for (body, wanted) in [
        (json!({}), "422 VALIDATION_ERROR"),
        (json!({ "status": "deleted" }), "422 VALIDATION_ERROR status"),
        (json!({ "status": null }), "422 VALIDATION_ERROR status"),
        (json!({ "user_id": "x" }), "422 VALIDATION_ERROR user_id"),
    ] {
        assert_eq!(visitor.patch(&path, body.clone()).await.error(), wanted, "{body}");
    }
}

#[tokio::test]
async fn a_visitor_sees_its_own_session_and_the_operator_all() {
    let app = TestApp::start().await;
    let (one, two) = (app.visitor().await, app.visitor().await);
    let own = one.get("/sessions/current").await.json();
    let listed = one.get("/sessions").await.json();
    assert_eq!(listed["items"], json!([own]));
    let path = format!("/sessions/{}", at(&own, "/id"));
    assert_eq!(two.get(&path).await.error(), "404 SESSION_NOT_FOUND");
    for operator in [app.operator(), app.stranger().with_bearer(API_KEY)] {
        assert_eq!(operator.get(&path).await.json()["id"], own["id"]);
        let all = operator.get("/sessions").await.json();
        assert_eq!(all["items"].as_array().map(Vec::len), Some(2));
        assert_eq!(operator.get("/sessions/current").await.error(), "404 SESSION_NOT_FOUND");
    }
    assert_eq!(
        app.operator().get(&format!("/sessions/{NOBODY}")).await.error(),
        "404 SESSION_NOT_FOUND"
    );
}

#[tokio::test]
async fn only_the_operator_says_whose_session_it_is() {
    let app = TestApp::start().await;
    let body = json!({ "user_id": "customer-7", "user_agent": "Theirs/2" });
    assert_eq!(app.stranger().post("/sessions", body.clone()).await.error(), "403 FORBIDDEN");
    let made = app.operator().post("/sessions", body).await.json();
    assert_eq!(made["session"]["user_id"], "customer-7");
    assert_eq!(made["session"]["user_agent"], "Theirs/2");
    let client = app.stranger().with_bearer(at(&made, "/token"));
    assert_eq!(client.get("/sessions/current").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_hard_deletion_takes_everything_along() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let turn = visitor.conversation("Hi").await;
    let file = crate::files::upload(&visitor, "a.txt", "words").await.json();
    let own = visitor.get("/sessions/current").await.json();
    let path = format!("/sessions/{}?hard=true", at(&own, "/id"));
    assert_eq!(visitor.delete(&path).await.status, StatusCode::NO_CONTENT);
    let operator = app.operator();
    for (kind, id) in [
        ("conversations", at(&turn, "/conversation_id")),
        ("runs", at(&turn, "/run_id")),
        ("files", at(&file, "/file_id")),
        ("sessions", at(&own, "/id")),
    ] {
        let answer = operator.get(&format!("/{kind}/{id}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{kind}");
    }
    let default = "/workspaces/00000000-0000-7000-8000-000000000001";
    let told = operator.get(&format!("{default}/audit?action=session.revoked")).await.json();
    assert_eq!(told["items"][0]["object_id"], own["id"]);
    assert_eq!(told["items"][0]["details"], json!({ "hard": true }));
    assert_eq!(told["items"].as_array().map(Vec::len), Some(1));
}
