//! `/conversations`: keeping, finding, branching, moving and sharing them.

use http::StatusCode;
use serde_json::json;

use crate::app::{NOBODY, TestApp, at};

#[tokio::test]
async fn a_conversation_is_created_read_changed_and_deleted() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let body = json!({ "title": " Refunds ", "metadata": { "ticket": 7 } });
    let created = visitor.post("/conversations", body).await;
    insta::assert_snapshot!(created, @r#"201 {"id":"01900000-0000-7000-8000-000000000005","session_id":"01900000-0000-7000-8000-000000000003","user_id":null,"chatbot_id":"00000000-0000-7000-8000-000000000001","title":"Refunds","status":"active","metadata":{"ticket":7},"head_message_id":null,"message_count":0,"created_at":"2026-01-01T00:00:00.000Z","updated_at":"2026-01-01T00:00:00.000Z"}"#);
    let path = format!("/conversations/{}", at(&created.json(), "/id"));
    insta::assert_snapshot!(visitor.get(&path).await, @r#"200 {"id":"01900000-0000-7000-8000-000000000005","session_id":"01900000-0000-7000-8000-000000000003","user_id":null,"chatbot_id":"00000000-0000-7000-8000-000000000001","title":"Refunds","status":"active","metadata":{"ticket":7},"head_message_id":null,"message_count":0,"created_at":"2026-01-01T00:00:00.000Z","updated_at":"2026-01-01T00:00:00.000Z","active_run":null,"messages":[],"messages_cursor":null}"#);

    let patched = visitor.patch(&path, json!({ "title": null, "status": "archived" })).await.json();
    assert_eq!((&patched["title"], &patched["status"]), (&json!(null), &json!("archived")));
    assert_eq!(patched["metadata"], json!({ "ticket": 7 }), "what is absent stays");
    assert_eq!(visitor.get("/conversations").await.json()["items"], json!([]));
    let archived = visitor.get("/conversations?status=archived").await.json();
    assert_eq!(archived["items"][0]["id"], created.json()["id"]);

    let deleted = visitor.delete(&path).await;
    assert_eq!((deleted.status, deleted.text()), (StatusCode::NO_CONTENT, ""));
    assert_eq!(visitor.get(&path).await.error(), "404 CONVERSATION_NOT_FOUND");
    assert_eq!(visitor.delete(&path).await.error(), "404 CONVERSATION_NOT_FOUND");
    assert_eq!(visitor.get("/conversations?status=archived").await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_hard_deletion_removes_what_it_held() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let turn = visitor.conversation("Hi").await;
    let path = format!("/conversations/{}?hard=true", at(&turn, "/conversation_id"));
    assert_eq!(visitor.delete(&path).await.status, StatusCode::NO_CONTENT);
    let run = visitor.get(&format!("/runs/{}", at(&turn, "/run_id"))).await;
    assert_eq!(run.error(), "404 RUN_NOT_FOUND");
}

#[tokio::test]
async fn what_was_deleted_softly_can_be_removed_for_good_by_its_owner() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let turn = visitor.conversation("Hi").await;
    let path = format!("/conversations/{}", at(&turn, "/conversation_id"));
    let hard = format!("{path}?hard=true");
    assert_eq!(visitor.delete(&path).await.status, StatusCode::NO_CONTENT);
    let stranger = app.visitor().await.delete(&hard).await;
    assert_eq!(stranger.error(), "404 CONVERSATION_NOT_FOUND");
    assert_eq!(visitor.delete(&hard).await.status, StatusCode::NO_CONTENT);
    assert_eq!(visitor.delete(&hard).await.error(), "404 CONVERSATION_NOT_FOUND");
}

#[tokio::test]
async fn a_change_that_is_none_is_refused_by_field() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let created = visitor.post("/conversations", json!({})).await.json();
    let path = format!("/conversations/{}", at(&created, "/id"));
    let deep = json!({ "a": { "b": { "c": { "d": { "e": {} } } } } });
    for (body, wanted) in [
        (json!({}), "422 VALIDATION_ERROR"),
        (json!({ "status": null }), "422 VALIDATION_ERROR status"),
        (json!({ "status": "deleted" }), "422 VALIDATION_ERROR status"),
        (json!({ "metadata": null }), "422 VALIDATION_ERROR metadata"),
        (json!({ "metadata": [] }), "422 VALIDATION_ERROR metadata"),
        (json!({ "metadata": deep }), "422 VALIDATION_ERROR metadata"),
        (json!({ "metadata": { "a": "x".repeat(17_000) } }), "422 VALIDATION_ERROR metadata"),
        (json!({ "head_message_id": null }), "422 VALIDATION_ERROR head_message_id"),
        (json!({ "head_message_id": "x" }), "422 VALIDATION_ERROR head_message_id"),
        (json!({ "head_message_id": NOBODY }), "404 MESSAGE_NOT_FOUND"),
        (json!({ "title": "" }), "422 VALIDATION_ERROR title"),
        (json!({ "title": "a\nb" }), "422 VALIDATION_ERROR title"),
        (json!({ "title": "x".repeat(501) }), "422 VALIDATION_ERROR title"),
        (json!({ "title": 7 }), "422 VALIDATION_ERROR title"),
        (json!({ "id": NOBODY }), "422 VALIDATION_ERROR id"),
    ] {
        assert_eq!(visitor.patch(&path, body.clone()).await.error(), wanted, "{body}");
    }
    let title = "'; DROP TABLE conversations; -- é";
    let patched = visitor.patch(&path, json!({ "title": title })).await.json();
    assert_eq!(patched["title"], title);
}

#[tokio::test]
async fn lists_have_pages_the_last_active_first() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    for number in 1..=5 {
        visitor.post("/conversations", json!({ "title": format!("No {number}") })).await;
        app.clock.advance(std::time::Duration::from_secs(1));
    }
    let titles = async |query: &str| {
        let page = visitor.get(&format!("/conversations?{query}")).await.json();
        let items = page["items"].as_array().expect("items").clone();
        let titles: Vec<String> = items.iter().map(|item| at(item, "/title").to_owned()).collect();
        (titles.join(", "), page["next_cursor"].as_str().map(str::to_owned))
    };
    let (first, cursor) = titles("limit=2").await;
    assert_eq!(first, "No 5, No 4");
    let (second, cursor) = titles(&format!("limit=2&cursor={}", cursor.expect("more"))).await;
    assert_eq!(second, "No 3, No 2");
    let (third, cursor) = titles(&format!("limit=2&cursor={}", cursor.expect("more"))).await;
    assert_eq!((third.as_str(), cursor), ("No 1", None));
    assert_eq!(titles("offset=3").await.0, "No 2, No 1");
    assert_eq!(titles("q=no%203").await.0, "No 3");
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("offset=-1", "offset"),
        ("offset=1000000001", "offset"),
        ("cursor=x", "cursor"),
        ("status=deleted", "status"),
        ("session_id=x", "session_id"),
        ("limit=1&limit=2", "limit"),
    ] {
        let answer = visitor.get(&format!("/conversations?{query}")).await;
        assert_eq!(answer.error(), format!("422 VALIDATION_ERROR {field}"), "{query}");
    }
    let long = visitor.get(&format!("/conversations?q={}", "x".repeat(201))).await;
    assert_eq!(long.error(), "422 VALIDATION_ERROR q");
}

#[tokio::test]
async fn what_was_said_can_be_found() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let turn = visitor.conversation("Tell me of Quokkas").await;
    let found = visitor.get("/conversations?q=quokka").await.json();
    assert_eq!(found["items"][0]["id"], turn["conversation_id"]);
    assert_eq!(visitor.get("/conversations?q=wombat").await.json()["items"], json!([]));
    let other = app.visitor().await.get("/conversations?q=quokka").await.json();
    assert_eq!(other["items"], json!([]), "another's conversation is not found");
}

#[tokio::test]
async fn long_conversations_are_read_page_by_page() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let turns: Vec<_> = (0..120)
        .map(|n| json!({ "role": if n % 2 == 0 { "user" } else { "assistant" }, "content": format!("{n}") }))
        .chain([json!({ "role": "user", "content": "120" })])
        .collect();
    let answer = visitor.post("/chat/message", json!({ "messages": turns })).await.json();
    let path = format!("/conversations/{}", at(&answer, "/conversation_id"));
    let opened = visitor.get(&path).await.json();
    let mut shown: Vec<String> =
        opened["messages"].as_array().expect("messages").iter().map(crate::app::text_of).collect();
    assert_eq!(shown.len(), 50);
    let mut cursor = opened["messages_cursor"].as_str().map(str::to_owned);
    while let Some(older) = cursor {
        let page = visitor.get(&format!("{path}/messages?limit=30&cursor={older}")).await.json();
        let items = page["items"].as_array().expect("items");
        shown.splice(0..0, items.iter().map(crate::app::text_of));
        cursor = page["next_cursor"].as_str().map(str::to_owned);
    }
    let mut wanted: Vec<String> = (0..=120).map(|n| n.to_string()).collect();
    wanted.push("Hello there, visitor.".to_owned());
    assert_eq!(shown, wanted);
    assert_eq!(
        visitor.get(&format!("{path}/messages?cursor=x")).await.error(),
        "422 VALIDATION_ERROR cursor"
    );
    let nobody = visitor.get(&format!("{path}/messages?leaf={NOBODY}")).await;
    assert_eq!(nobody.error(), "404 MESSAGE_NOT_FOUND");
}

#[tokio::test]
async fn a_fork_is_a_copy_up_to_a_message() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let turn = visitor.conversation("One").await;
    let path = format!("/conversations/{}/fork", at(&turn, "/conversation_id"));
    let fork = visitor.post(&path, json!({ "message_id": turn["user_message_id"] })).await;
    assert_eq!(fork.status, StatusCode::CREATED, "{fork}");
    assert_eq!(visitor.shown(at(&fork.json(), "/id")).await, ["One"]);
    let nobody = visitor.post(&path, json!({ "message_id": NOBODY })).await;
    assert_eq!(nobody.error(), "404 MESSAGE_NOT_FOUND");
}

#[tokio::test]
async fn an_export_can_be_imported_again() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let turn = visitor.conversation("Überraschung?").await;
    let path = format!("/conversations/{}/export", at(&turn, "/conversation_id"));
    let exported = visitor.get(&path).await;
    assert_eq!(
        exported.header("content-disposition"),
        Some(
            "attachment; filename=\"_berraschung?.json\"; filename*=UTF-8''%C3%9Cberraschung%3F.json"
        )
    );
    insta::assert_snapshot!(exported, @r#"200 {"format":1,"title":"Überraschung?","metadata":{},"created_at":"2026-01-01T00:00:00.000Z","messages":[{"role":"user","status":"completed","parts":[{"type":"text","text":"Überraschung?"}],"model":null,"usage":null,"error":null,"created_at":"2026-01-01T00:00:00.000Z"},{"role":"assistant","status":"completed","parts":[{"type":"text","text":"Hello there, visitor."}],"model":"test/scripted","usage":{"input":1,"output":5,"cached":0,"cost":0},"error":null,"created_at":"2026-01-01T00:00:00.000Z"}]}"#);
    let imported = app.visitor().await;
    let answer = imported.post("/conversations/import", exported.json()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer}");
    let copy = at(&answer.json(), "/id").to_owned();
    let again = imported.get(&format!("/conversations/{copy}/export")).await;
    assert_eq!(again.json()["messages"], exported.json()["messages"]);
    assert_eq!(again.json()["title"], exported.json()["title"]);

    let markdown = visitor.get(&format!("{path}?format=markdown")).await;
    assert_eq!(markdown.header("content-type"), Some("text/markdown; charset=utf-8"));
    insta::assert_snapshot!(markdown.text(), @r#"
    # Überraschung?

    ## You

    *2026-01-01T00:00:00.000Z*

    Überraschung?

    ## Assistant

    *2026-01-01T00:00:00.000Z*

    Hello there, visitor.
    "#);
    let other = visitor.get(&format!("{path}?format=pdf")).await;
    assert_eq!(other.error(), "422 VALIDATION_ERROR format");
}

#[tokio::test]
async fn an_import_that_is_none_is_refused_by_field() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let good = json!({ "format": 1, "created_at": "2026-01-01T00:00:00Z", "messages": [] });
    let with = |field: &str, value: serde_json::Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    let message = |role: &str| {
        json!({
            "role": role, "status": "completed", "created_at": "2026-01-01T00:00:00Z",
            "parts": [{ "type": "text", "text": "x" }],
        })
    };
    assert_eq!(visitor.post("/conversations/import", good.clone()).await.status, 201);
    for (body, wanted) in [
        (with("format", json!(2)), "422 VALIDATION_ERROR format"),
        (with("title", json!("a\nb")), "422 VALIDATION_ERROR title"),
        (with("created_at", json!("yesterday")), "422 VALIDATION_ERROR created_at"),
        (with("messages", json!([message("system")])), "422 VALIDATION_ERROR messages[0].role"),
        (with("messages", json!([message("user"), {}])), "422 VALIDATION_ERROR messages[1].role"),
        (with("messages", json!({})), "422 VALIDATION_ERROR messages"),
    ] {
        let answer = visitor.post("/conversations/import", body.clone()).await;
        assert_eq!(answer.error(), wanted, "{body}");
    }
    let many = with("messages", json!(vec![message("user"); 10_001]));
    let answer = visitor.post("/conversations/import", many).await;
    assert_eq!(answer.error(), "422 VALIDATION_ERROR messages", "over a megabyte, and read");
}

#[tokio::test]
async fn a_share_link_shows_the_path_to_anyone_until_it_is_revoked() {
    let app = TestApp::with(&[("VPAURA__SERVER__PUBLIC_URL", "https://chat.example.com")]).await;
    let visitor = app.visitor().await;
    let turn = visitor.conversation("One").await;
    let path = format!("/conversations/{}/share", at(&turn, "/conversation_id"));
    let link = visitor.post(&path, json!({})).await;
    assert_eq!(link.status, StatusCode::CREATED, "{link}");
    let token = at(&link.json(), "/token").to_owned();
    let url = format!("https://chat.example.com/shared/{token}");
    assert_eq!(at(&link.json(), "/url"), url);
    let shared = format!("/shared/{token}");
    let seen = app.stranger().get(&shared).await.json();
    assert_eq!(seen["title"], "One");
    assert_eq!(seen["messages"].as_array().expect("messages").len(), 2);
    // What is said later is not shown, and a stale cookie does not matter.
    let body = json!({ "message": "Secret", "conversation_id": turn["conversation_id"] });
    visitor.post("/chat/message", body).await;
    let seen = app.stranger().with_cookie("session_token=stale").get(&shared).await;
    assert!(!seen.text().contains("Secret"), "{seen}");

    assert_eq!(visitor.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(app.stranger().get(&shared).await.error(), "404 NOT_FOUND");
    let empty = visitor.post("/conversations", json!({})).await.json();
    let empty = format!("/conversations/{}/share", at(&empty, "/id"));
    assert_eq!(visitor.post(&empty, json!({})).await.error(), "409 CONFLICT");
}

#[tokio::test]
async fn the_operator_sees_all_and_a_visitor_names_no_other_session() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let turn = visitor.conversation("One").await;
    let operator = app.operator();
    assert_eq!(operator.shown(at(&turn, "/conversation_id")).await.len(), 2);
    let own = visitor.get("/sessions/current").await.json();
    let body = json!({ "session_id": own["id"], "title": "For you" });
    let made = operator.post("/conversations", body).await.json();
    assert_eq!(made["session_id"], own["id"]);
    let listed = visitor.get("/conversations").await.json();
    assert!(listed["items"].to_string().contains("For you"), "{listed}");
    let body = json!({ "session_id": NOBODY });
    assert_eq!(visitor.post("/conversations", body.clone()).await.error(), "403 FORBIDDEN");
    assert_eq!(operator.post("/conversations", body).await.error(), "404 SESSION_NOT_FOUND");
}
