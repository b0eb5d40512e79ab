//! `/chatbots`, `/prompts`, `/tools`, `/graphs`, budgets and usage.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Answer, Client, TestApp, at};
use crate::auth::register;

const WORKSPACE: &str = "/workspaces/00000000-0000-7000-8000-000000000001";

async fn put(client: &Client, path: &str, body: Value) -> Answer {
    client.send(client.json(Method::PUT, path, &body)).await
}

#[tokio::test]
async fn a_chatbot_is_made_changed_and_rolled_back() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let body = json!({ "name": "Helper", "settings": { "temperature": 0.5 } });
    let made = operator.post("/chatbots", body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made}");
    let made = made.json();
    let path = format!("/chatbots/{}", at(&made, "/id"));
    assert_eq!((&made["version"], &made["is_default"]), (&json!(1), &json!(false)));
    let change = json!({ "settings": { "temperature": 1.0 }, "expected_version": 1, "note": "up" });
    assert_eq!(operator.patch(&path, change.clone()).await.json()["version"], 2);
    assert_eq!(operator.patch(&path, change).await.error(), "409 CONFLICT");
    let back = operator.post(&format!("{path}/rollback"), json!({ "version": 1 })).await.json();
    assert_eq!((&back["version"], &back["settings"]["temperature"]), (&json!(3), &json!(0.5)));
    let none = operator.post(&format!("{path}/rollback"), json!({ "version": 9 })).await;
    assert_eq!(none.error(), "422 VALIDATION_ERROR version");
    let versions = operator.get(&format!("{path}/versions?limit=2")).await.json();
    let numbers: Vec<_> =
        versions["items"].as_array().expect("items").iter().map(|it| &it["version"]).collect();
    assert_eq!(numbers, [3, 2]);
    assert_eq!(versions["next_cursor"], "2");
    let share = json!({ "items": [{ "grantee": { "role": "viewer" }, "access": "use" }] });
    let shared = put(&operator, &format!("{path}/grants"), share.clone()).await;
    assert_eq!(shared.json(), share);
    assert_eq!(operator.get(&format!("{path}/grants")).await.json(), share);
    assert_eq!(operator.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(operator.get(&path).await.error(), "404 CHATBOT_NOT_FOUND");
}

#[tokio::test]
async fn nobody_assigns_what_is_not_theirs_to_give() {
    let app = TestApp::start().await;
    let operator = app.operator();
    for field in ["id", "workspace_id", "version", "created_by", "created_at", "is_default"] {
        let mut body = json!({ "name": "Helper" });
        body[field] = json!(1);
        let refused = operator.post("/chatbots", body).await;
        assert_eq!(refused.error(), format!("422 VALIDATION_ERROR {field}"));
    }
    let refused =
        operator.post("/chatbots", json!({ "name": "a", "settings": { "temprature": 1 } })).await;
    assert_eq!(refused.error(), "422 VALIDATION_ERROR settings.temprature");
    let budget = json!({
        "spender": "workspace", "period": "day", "unit": "tokens", "amount": 1, "spent": 0,
    });
    let refused = operator.post(&format!("{WORKSPACE}/budgets"), budget).await;
    assert_eq!(refused.error(), "422 VALIDATION_ERROR spent");
    for amount in [json!(-1), json!(1.5), json!(null), json!("1"), json!(2_000_000_000_000_000_u64)]
    {
        let budget = json!({
            "spender": "workspace", "period": "day", "unit": "tokens", "amount": amount,
        });
        let refused = operator.post(&format!("{WORKSPACE}/budgets"), budget).await;
        assert_eq!(refused.error(), "422 VALIDATION_ERROR amount");
    }
}

#[tokio::test]
async fn visitors_see_what_is_open_and_not_what_it_was_told() {
    let app = TestApp::start().await;
    let (operator, visitor) = (app.operator(), app.visitor().await);
    let settings = json!({ "system_prompt": { "text": "The secret." }, "greeting": "Hello!" });
    let open = json!({ "name": "Open", "settings": settings });
    let open = operator.post("/chatbots", open).await.json();
    let hidden = json!({ "name": "Hidden", "visibility": "private" });
    let hidden = operator.post("/chatbots", hidden).await.json();
    let listed = visitor.get("/chatbots").await;
    assert!(!listed.text().contains("secret") && !listed.text().contains("Hidden"), "{listed}");
    assert_eq!(listed.json()["items"][0]["settings"], json!({ "greeting": "Hello!" }));
    let path = |bot: &Value| format!("/chatbots/{}", at(bot, "/id"));
    assert!(!visitor.get(&path(&open)).await.text().contains("secret"));
    assert!(operator.get(&path(&open)).await.text().contains("secret"));
    assert_eq!(visitor.get(&path(&hidden)).await.error(), "404 CHATBOT_NOT_FOUND");
    let say = json!({ "message": "Hi", "chatbot_id": at(&hidden, "/id") });
    assert_eq!(visitor.post("/chat/message", say).await.error(), "404 CHATBOT_NOT_FOUND");
    let change = visitor.patch(&path(&open), json!({ "name": "Mine" })).await;
    assert_eq!(change.error(), "403 FORBIDDEN");
    assert_eq!(visitor.get(&format!("{}/versions", path(&open))).await.error(), "403 FORBIDDEN");
    let made = visitor.post("/chatbots", json!({ "name": "Mine" })).await;
    assert_eq!(made.error(), "403 FORBIDDEN");
    assert_eq!(visitor.get("/prompts").await.error(), "403 FORBIDDEN");
    let preview = json!({ "message": "Hi", "preview": { "temperature": 1 } });
    assert_eq!(visitor.post("/chat/message", preview.clone()).await.error(), "403 FORBIDDEN");
    assert_eq!(operator.post("/chat/message", preview).await.status, StatusCode::OK);
}

#[tokio::test]
async fn whoever_may_change_a_chatbot_may_try_the_change() {
    let app = TestApp::start().await;
    register(&app, "owner").await;
    let (bob, eve) = (register(&app, "bob").await, register(&app, "eve").await);
    let operator = app.operator();
    let bot = operator.post("/chatbots", json!({ "name": "Helper" })).await.json();
    let path = format!("/chatbots/{}", at(&bot, "/id"));
    let share = json!({ "items": [
        { "grantee": { "user": bob.id }, "access": "edit" },
        { "grantee": { "user": eve.id }, "access": "use" },
    ] });
    assert_eq!(put(&operator, &format!("{path}/grants"), share).await.status, StatusCode::OK);
    let told = json!({ "system_prompt": { "text": "Be brief." } });
    let preview = json!({ "message": "Hi", "chatbot_id": bot["id"], "preview": told });
    let change = json!({ "settings": told });
    assert_eq!(eve.client.post("/chat/message", preview.clone()).await.error(), "403 FORBIDDEN");
    assert_eq!(eve.client.patch(&path, change.clone()).await.error(), "403 FORBIDDEN");
    let tried = bob.client.post("/chat/message", preview).await;
    assert_eq!(tried.status, StatusCode::OK, "{tried}");
    assert_eq!(app.asked()[0], "Be brief.");
    assert_eq!(bob.client.patch(&path, change).await.status, StatusCode::OK);
    let another = json!({ "message": "Hi", "preview": told });
    let refused = bob.client.post("/chat/message", another).await;
    assert_eq!(refused.error(), "403 FORBIDDEN", "the default chatbot is not shared with them");
}

#[tokio::test]
async fn a_conversation_is_a_chatbots() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let settings = json!({ "system_prompt": { "text": "Be brief." } });
    let bot = json!({ "name": "Brief", "settings": settings });
    let bot = operator.post("/chatbots", bot).await.json();
    let conversation = json!({ "chatbot_id": at(&bot, "/id") });
    let conversation = operator.post("/conversations", conversation).await.json();
    assert_eq!(conversation["chatbot_id"], bot["id"]);
    let runs = format!("/conversations/{}/runs", at(&conversation, "/id"));
    operator.post(&runs, json!({ "message": "Hi" })).await;
    assert_eq!(app.asked()[0], "Be brief.");
    let again = json!({ "message": "Hi", "chatbot_id": crate::app::NOBODY });
    assert_eq!(operator.post(&runs, again).await.error(), "404 CHATBOT_NOT_FOUND");
}

#[tokio::test]
async fn the_library_keeps_every_version() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let new = json!({ "name": "tone", "text": "Be kind, {{ chatbot }}." });
    let made = operator.post("/prompts", new.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made}");
    assert_eq!(operator.post("/prompts", new).await.error(), "409 CONFLICT");
    let path = format!("/prompts/{}", at(&made.json(), "/id"));
    let changed = put(&operator, &path, json!({ "name": "tone", "text": "Be curt." })).await;
    assert_eq!(changed.json()["version"], 2);
    let back = operator.post(&format!("{path}/rollback"), json!({ "version": 1 })).await.json();
    assert_eq!((&back["version"], at(&back, "/text")), (&json!(3), "Be kind, {{ chatbot }}."));
    let listed = operator.get("/prompts").await.json();
    assert_eq!(listed["items"][0]["name"], "tone");
    let files = json!([{ "name": "chat" }, { "name": "profile" }, { "name": "rewrite" }]);
    assert_eq!(listed["files"], files);
    for (body, field) in [
        (json!({ "name": "a b", "text": "x" }), "name"),
        (json!({ "name": "a", "text": "" }), "text"),
        (json!({ "name": "a", "text": "{{ env }}" }), "text"),
        (json!({ "name": "a", "text": "{% for a in b %}" }), "text"),
        (json!({ "name": "a", "text": "x", "version": 7 }), "version"),
    ] {
        let refused = operator.post("/prompts", body).await;
        assert_eq!(refused.error(), format!("422 VALIDATION_ERROR {field}"));
    }
    assert_eq!(operator.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(operator.get(&path).await.error(), "404 PROMPT_NOT_FOUND");
}

#[tokio::test]
async fn tools_and_graphs_are_listed() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let tools = visitor.get("/tools").await.json();
    let rename = tools["items"].as_array().expect("items");
    let rename = rename.iter().find(|tool| tool["name"] == "rename_conversation");
    assert_eq!(rename.expect("the tool")["needs_approval"], true);
    assert_eq!(visitor.get("/graphs").await.json(), json!({ "items": ["chat"] }));
}

#[tokio::test]
async fn a_budget_refuses_says_why_and_can_go() {
    let app = TestApp::start().await;
    let (operator, visitor) = (app.operator(), app.visitor().await);
    let budgets = format!("{WORKSPACE}/budgets");
    let budget =
        json!({ "spender": "workspace", "period": "month", "unit": "tokens", "amount": 10 });
    let set = operator.post(&budgets, budget).await;
    assert_eq!(set.status, StatusCode::CREATED, "{set}");
    let refused = visitor.post("/chat/message", json!({ "message": "Hi" })).await;
    assert_eq!(refused.error(), "429 BUDGET_EXCEEDED");
    assert_eq!(refused.header("retry-after"), Some("2678400"));
    let details = &refused.json()["error"]["details"];
    assert_eq!(details["renews_at"], "2026-02-01T00:00:00.000Z");
    assert_eq!((&details["left"], &details["budget"]["amount"]), (&json!(10), &json!(10)));
    assert!(app.model.requests().is_empty());
    assert_eq!(visitor.get(&budgets).await.error(), "403 FORBIDDEN");
    let path = format!("{budgets}/{}", at(&set.json(), "/id"));
    assert_eq!(operator.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(operator.delete(&path).await.error(), "404 BUDGET_NOT_FOUND");
    visitor.conversation("Hi").await;
    let usage = format!("{WORKSPACE}/usage");
    let all = operator.get(&format!("{usage}?by=model,day")).await.json();
    assert_eq!(all["items"][0]["day"], "2026-01-01");
    assert_eq!(
        (&all["items"][0]["model"], &all["total"]["runs"]),
        (&json!("test/scripted"), &json!(1))
    );
    let own = visitor.get(&usage).await.json();
    assert_eq!(own["total"]["runs"], 1);
    let stranger = app.visitor().await;
    assert_eq!(stranger.get(&usage).await.json()["total"]["runs"], 0);
    for (query, field) in [
        ("by=shoe", "by"),
        ("by=day,day", "by"),
        ("from=2026-13-01", "from"),
        ("from=2026-02-01&to=2026-01-01", "from"),
        ("from=2024-01-01&to=2026-01-01", "from"),
        ("user_id=1", "user_id"),
    ] {
        let refused = operator.get(&format!("{usage}?{query}")).await;
        assert_eq!(refused.error(), format!("422 VALIDATION_ERROR {field}"), "{query}");
    }
}

#[tokio::test]
async fn a_users_profile_is_what_a_model_is_told_first() {
    let app = TestApp::start().await;
    let body = json!({ "email": "ann@example.org", "password": "a long enough phrase of words 7" });
    let signed_in = app.stranger().post("/auth/register", body).await.json();
    let ann = app.stranger().with_bearer(at(&signed_in, "/access_token"));
    ann.conversation("Hi").await;
    assert!(!app.asked()[0].contains("profile"));
    let profile = json!({ "constraints": { "diet": "vegan" }, "wishes": ["Lisbon"] });
    let kept = put(&ann, "/users/me/profile", profile).await;
    assert_eq!(kept.status, StatusCode::OK, "{kept}");
    ann.conversation("Hi").await;
    let told = app.asked();
    assert!(told[0].contains("vegan") && told[0].contains("Lisbon"), "{}", told[0]);
    assert!(told[1].contains("VPAura"), "{}", told[1]);
    app.visitor().await.conversation("Hi").await;
    assert!(!app.asked().concat().contains("vegan"));
}
