//! `/workspaces` and what is in them, `/invitations`, `/audit`.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Client, NOBODY, TestApp, at};

const PASSWORD: &str = "a long and unusual passphrase";

/// A user who registered and is signed in.
async fn registered(app: &TestApp, name: &str) -> Client {
    let body = json!({ "email": format!("{name}@example.org"), "password": PASSWORD });
    let answer = app.stranger().post("/auth/register", body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer}");
    app.stranger().with_bearer(at(&answer.json(), "/access_token"))
}

/// The owner of the installation, and a workspace of theirs.
async fn owned(app: &TestApp) -> (Client, String) {
    let owner = registered(app, "owner").await;
    let made = owner.post("/workspaces", json!({ "name": "Sales" })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made}");
    (owner, format!("/workspaces/{}", at(&made.json(), "/id")))
}

/// Invites the address and accepts for `guest`.
async fn bring_in(by: &Client, path: &str, guest: &Client, email: &str, role: &str) -> Value {
    let body = json!({ "email": email, "role": role });
    let made = by.post(&format!("{path}/invitations"), body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made}");
    let token = json!({ "token": at(&made.json(), "/token") });
    let joined = guest.post("/invitations/accept", token).await;
    assert_eq!(joined.status, StatusCode::OK, "{joined}");
    joined.json()
}

#[tokio::test]
async fn people_are_invited_join_change_and_leave() {
    let app = TestApp::start().await;
    let (owner, path) = owned(&app).await;
    let ada = registered(&app, "ada").await;
    assert_eq!(ada.get(&path).await.error(), "404 WORKSPACE_NOT_FOUND");
    assert_eq!(ada.post("/workspaces", json!({ "name": "Mine" })).await.error(), "403 FORBIDDEN");

    let body = json!({ "email": "Ada@example.org", "role": "member" });
    let made = owner.post(&format!("{path}/invitations"), body).await.json();
    assert_eq!(made["mailed"], json!(false));
    let token = at(&made, "/token").to_owned();
    assert_eq!(made["url"], json!(format!("/accept?token={token}")));
    let look = app.stranger().post("/invitations/look", json!({ "token": token })).await.json();
    assert_eq!(look["workspace_name"], json!("Sales"));
    assert_eq!((&look["role_name"], &look["is_user"]), (&json!("member"), &json!(true)));
    let eve = registered(&app, "eve").await;
    let token = json!({ "token": token });
    for (client, wanted) in [
        (&app.stranger(), "401 UNAUTHORIZED"),
        (&eve, "404 INVITATION_NOT_FOUND"),
        (&app.operator(), "403 FORBIDDEN"),
    ] {
        assert_eq!(client.post("/invitations/accept", token.clone()).await.error(), wanted);
    }
    assert_eq!(ada.post("/invitations/accept", token.clone()).await.status, StatusCode::OK);
    let again = ada.post("/invitations/accept", token).await;
    assert_eq!(again.error(), "404 INVITATION_NOT_FOUND");

    let members = ada.get(&format!("{path}/members")).await.json();
    let names: Vec<_> = members["items"].as_array().expect("a list").iter().collect();
    assert_eq!(names.len(), 2);
    let id = |email: &str| {
        let one = names.iter().find(|it| it["email"] == json!(email)).expect("a member");
        at(one, "/user_id").to_owned()
    };
    let adas = format!("{path}/members/{}", id("ada@example.org"));
    let owners = format!("{path}/members/{}", id("owner@example.org"));
    let promoted = ada.patch(&adas, json!({ "role": "owner" })).await;
    assert_eq!(promoted.error(), "403 FORBIDDEN");
    let last = owner.patch(&owners, json!({ "role": "member" })).await;
    assert_eq!(last.error(), "409 CONFLICT");
    assert_eq!(owner.delete(&owners).await.error(), "409 CONFLICT");
    let changed = owner.patch(&adas, json!({ "role": "viewer" })).await.json();
    assert_eq!(changed["role_name"], json!("viewer"));
    assert_eq!(ada.get(&format!("{path}/members")).await.error(), "403 FORBIDDEN");
    assert_eq!(ada.delete(&adas).await.status, StatusCode::NO_CONTENT, "whoever wants may leave");
    assert_eq!(ada.get(&path).await.error(), "404 WORKSPACE_NOT_FOUND");
}

#[tokio::test]
async fn roles_allow_what_they_say_and_keys_no_more() {
    let app = TestApp::start().await;
    let (owner, path) = owned(&app).await;
    let ada = registered(&app, "ada").await;
    let roles = format!("{path}/roles");
    let body = json!({ "name": "Auditor", "permissions": ["audit:read", "keys:write"] });
    let role = owner.post(&roles, body.clone()).await.json();
    assert_eq!(owner.post(&roles, body).await.error(), "409 CONFLICT");
    for (body, wanted) in [
        (json!({ "name": "X", "permissions": ["users:read"] }), "422 VALIDATION_ERROR permissions"),
        (json!({ "name": "X", "permissions": [] }), "422 VALIDATION_ERROR permissions"),
        (json!({ "name": "X", "permissions": ["root"] }), "422 VALIDATION_ERROR permissions"),
        (json!({ "name": "X", "permissions": null }), "422 VALIDATION_ERROR permissions"),
        (json!({ "name": "Owner", "permissions": ["chat:read"] }), "422 VALIDATION_ERROR name"),
        (json!({ "name": " ", "permissions": ["chat:read"] }), "422 VALIDATION_ERROR name"),
    ] {
        assert_eq!(owner.post(&roles, body.clone()).await.error(), wanted, "{body}");
    }
    let id = at(&role, "/id").to_owned();
    bring_in(&owner, &path, &ada, "ada@example.org", &id).await;
    assert_eq!(owner.delete(&format!("{roles}/{id}")).await.error(), "409 CONFLICT");
    assert_eq!(ada.get(&roles).await.error(), "403 FORBIDDEN");
    assert_eq!(ada.get(&format!("{path}/audit")).await.status, StatusCode::OK);

    let keys = format!("{path}/api-keys");
    let greedy = json!({ "name": "K", "permissions": ["audit:read", "chat:read"] });
    assert_eq!(ada.post(&keys, greedy).await.error(), "403 FORBIDDEN");
    let made = ada.post(&keys, json!({ "name": "K", "permissions": ["audit:read"] })).await.json();
    let key = at(&made, "/key").to_owned();
    let machine = app.stranger().with_header("x-api-key", &key);
    assert_eq!(machine.get(&format!("{path}/audit")).await.status, StatusCode::OK);
    assert_eq!(machine.get("/conversations").await.error(), "403 FORBIDDEN");
    assert_eq!(app.stranger().with_bearer(&key).get(&path).await.status, StatusCode::OK);
    let another = machine.post(&keys, json!({ "name": "K", "permissions": ["audit:read"] })).await;
    assert_eq!(another.error(), "403 FORBIDDEN");
    let weaker = json!({ "permissions": ["keys:write"] });
    assert_eq!(owner.patch(&format!("{roles}/{id}"), weaker).await.status, StatusCode::OK);
    assert_eq!(machine.get(&format!("{path}/audit")).await.error(), "403 FORBIDDEN");
    let gone = format!("{keys}/{}", at(&made, "/api_key/id"));
    assert_eq!(ada.delete(&gone).await.status, StatusCode::NO_CONTENT);
    assert_eq!(ada.delete(&gone).await.error(), "404 API_KEY_NOT_FOUND");
    assert_eq!(machine.get(&path).await.error(), "401 UNAUTHORIZED");
    for bad in ["null", "[]", "0", "vpk_", &key[..key.len() - 1]] {
        let refused = app.stranger().with_header("x-api-key", bad).get("/workspaces").await;
        assert_eq!(refused.error(), "401 UNAUTHORIZED", "{bad}");
    }
}

#[tokio::test]
async fn nobody_sets_what_is_not_theirs_to_set() {
    let app = TestApp::start().await;
    let (owner, path) = owned(&app).await;
    let member = format!("{path}/members/{NOBODY}");
    let invitations = format!("{path}/invitations");
    let keys = format!("{path}/api-keys");
    for (method, path, body, field) in [
        (Method::POST, "/workspaces", json!({ "name": "X", "id": NOBODY }), "id"),
        (Method::POST, "/workspaces", json!({ "name": "X", "status": "active" }), "status"),
        (Method::PATCH, &path, json!({ "name": "X", "created_at": 1 }), "created_at"),
        (Method::PATCH, &member, json!({ "role": "viewer", "permissions": [] }), "permissions"),
        (Method::PATCH, &member, json!({ "role": null }), "role"),
        (Method::PATCH, &member, json!({ "role": "root" }), "role"),
        (
            Method::POST,
            &invitations,
            json!({ "email": "a@b.org", "role": "member", "workspace_id": NOBODY }),
            "workspace_id",
        ),
        (Method::POST, &invitations, json!({ "email": "nobody", "role": "member" }), "email"),
        (
            Method::POST,
            &invitations,
            json!({ "email": "a@b.org", "role": "member", "expires_in_days": 0 }),
            "expires_in_days",
        ),
        (
            Method::POST,
            &keys,
            json!({ "name": "X", "permissions": ["chat:read"], "user_id": NOBODY }),
            "user_id",
        ),
        (
            Method::POST,
            &keys,
            json!({ "name": "X", "permissions": ["chat:read"], "chatbot_ids": [] }),
            "chatbot_ids",
        ),
        (
            Method::POST,
            &keys,
            json!({
                "name": "X", "permissions": ["chat:read"], "expires_at": "2020-01-01T00:00:00Z",
            }),
            "expires_at",
        ),
        (Method::POST, "/invitations/look", json!({ "token": null }), "token"),
        (Method::POST, "/invitations/look", json!({ "token": [] }), "token"),
    ] {
        let answer = owner.send(owner.json(method, path, &body)).await;
        assert_eq!(answer.error(), format!("422 VALIDATION_ERROR {field}"), "{path} {body}");
    }
    for token in ["", "null", "vpi_", "vpr_0123456789012345678901234567890123456789012"] {
        let look = owner.post("/invitations/look", json!({ "token": token })).await;
        assert_eq!(look.error(), "404 INVITATION_NOT_FOUND", "{token:?}");
    }
    assert_eq!(owner.get("/workspaces/x").await.error(), "422 VALIDATION_ERROR id");
    assert_eq!(app.visitor().await.get("/workspaces").await.error(), "403 FORBIDDEN");
}

#[tokio::test]
async fn the_log_tells_and_a_deleted_workspace_is_gone() {
    let app = TestApp::start().await;
    let (owner, path) = owned(&app).await;
    let renamed = owner.patch(&path, json!({ "name": "Support" })).await.json();
    assert_eq!(renamed["name"], json!("Support"));
    let log = owner.get(&format!("{path}/audit?limit=1")).await.json();
    assert_eq!(log["items"][0]["action"], json!("workspace.renamed"));
    let next = at(&log, "/next_cursor");
    let log = owner.get(&format!("{path}/audit?cursor={next}")).await.json();
    assert_eq!(log["items"][0]["action"], json!("workspace.created"));
    let export = owner.get(&format!("{path}/audit/export")).await;
    assert_eq!(export.header("content-type"), Some("application/x-ndjson"));
    let lines: Vec<Value> =
        export.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 2);
    let only = owner.get(&format!("{path}/audit/export?action=workspace.created")).await;
    assert_eq!(only.text().lines().count(), 1);
    let ada = registered(&app, "ada").await;
    for client in [&ada, &app.visitor().await] {
        assert_eq!(client.get("/audit").await.error(), "403 FORBIDDEN");
        assert_eq!(client.get(&format!("{path}/audit")).await.error(), "404 WORKSPACE_NOT_FOUND");
    }
    let default = "/workspaces/00000000-0000-7000-8000-000000000001";
    assert_eq!(owner.delete(default).await.error(), "409 CONFLICT");
    assert_eq!(owner.delete(&path).await.status, StatusCode::ACCEPTED);
    assert_eq!(owner.get(&path).await.error(), "404 WORKSPACE_NOT_FOUND");
    let installation = owner.get("/audit").await.text().to_owned();
    assert!(installation.contains("workspace.deleted"), "{installation}");
    let left = owner.get("/workspaces").await.json();
    assert_eq!(left["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_deleted_workspace_signs_nobody_out() {
    let app = TestApp::start().await;
    let body = json!({ "email": "owner@example.org", "password": PASSWORD });
    let begun = app.stranger().post("/auth/register", body).await.json();
    let home = at(&begun, "/user/workspace/id").to_owned();
    let owner = app.stranger().with_bearer(at(&begun, "/access_token"));
    let made = owner.post("/workspaces", json!({ "name": "Sales" })).await.json();
    let there = json!({ "workspace_id": at(&made, "/id") });
    let there = owner.post("/auth/switch", there).await.json();
    assert_eq!(there["user"]["workspace"]["id"], made["id"]);
    let owner = app.stranger().with_bearer(at(&there, "/access_token"));
    let deleted = owner.delete(&format!("/workspaces/{}", at(&made, "/id"))).await;
    assert_eq!(deleted.status, StatusCode::ACCEPTED, "{deleted}");
    // What a browser does with this is to refresh.
    assert_eq!(owner.get("/users/me").await.error(), "401 UNAUTHORIZED");
    let gone = async {
        let mut again = tokio::time::interval(Duration::from_millis(10));
        while app.operator().get("/audit?action=workspace.removed").await.json()["items"]
            == json!([])
        {
            again.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gone).await.expect("a removal");
    let token = json!({ "refresh_token": at(&there, "/refresh_token") });
    let next = app.stranger().post("/auth/refresh", token).await.json();
    assert_eq!(at(&next, "/user/workspace/id"), home);
    let owner = app.stranger().with_bearer(at(&next, "/access_token"));
    assert_eq!(owner.get("/users/me").await.status, StatusCode::OK);
}
