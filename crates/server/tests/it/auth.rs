//! `/auth`: coming in, staying in, going out.

use std::time::Duration;

use http::header::SET_COOKIE;
use http::{Method, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use vpaura_domain::{Origin, Scope};

use crate::app::{API_KEY, Answer, Client, NOBODY, TestApp, at};

pub const PASSWORD: &str = "seven sober otters sing";

/// A user who is signed in, and what they were told.
pub struct Person {
    pub client: Client,
    pub id: String,
    pub signed_in: Value,
}

impl Person {
    pub fn of(app: &TestApp, answer: &Answer) -> Self {
        let signed_in = answer.json();
        let client = app.stranger().with_bearer(at(&signed_in, "/access_token"));
        Self { client, id: at(&signed_in, "/user/id").to_owned(), signed_in }
    }

    fn refresh_token(&self) -> &str {
        at(&self.signed_in, "/refresh_token")
    }
}

pub fn email(name: &str) -> String {
    format!("{name}@example.org")
}

pub async fn register(app: &TestApp, name: &str) -> Person {
    let body = json!({ "email": email(name), "username": name, "password": PASSWORD });
    let answer = app.stranger().post("/auth/register", body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer}");
    Person::of(app, &answer)
}

pub async fn login(app: &TestApp, name: &str, password: &str) -> Answer {
    let body = json!({ "email": email(name), "password": password });
    app.stranger().post("/auth/login", body).await
}

/// `name=value` of every cookie that was set.
fn cookies(answer: &Answer) -> Vec<String> {
    let all = answer.headers.get_all(SET_COOKIE).iter();
    all.map(|cookie| cookie.to_str().expect("text").to_owned()).collect()
}

#[tokio::test]
async fn the_first_to_register_owns_the_installation() {
    let app = TestApp::start().await;
    let status = async || app.stranger().get("/auth/status").await.json();
    assert_eq!(
        status().await,
        json!({
            "needs_setup": true, "registration": "open", "anonymous": true, "oidc": [],
            "mail": false, "min_password_length": 15,
        })
    );
    let first = register(&app, "ada").await;
    assert_eq!(status().await["needs_setup"], false);
    let user = &first.signed_in["user"];
    assert_eq!((&user["is_owner"], &user["role"]), (&json!(true), &json!("owner")));
    assert_eq!(user["email"], "ada@example.org");
    assert!(user["permissions"].as_array().expect("a list").contains(&json!("users:write")));
    assert!(user.get("password_hash").is_none());
    assert_eq!(first.signed_in["expires_in"], 900);
    let second = register(&app, "bob").await;
    let user = &second.signed_in["user"];
    assert_eq!((&user["is_owner"], &user["role"]), (&json!(false), &json!("member")));
    assert_eq!(second.client.get("/users/me").await.json()["username"], "bob");
}

#[tokio::test]
async fn who_may_register_is_a_policy() {
    for policy in ["closed", "invitation"] {
        let app = TestApp::with(&[("VPAURA__AUTH__REGISTRATION", policy)]).await;
        register(&app, "ada").await;
        let body = json!({ "email": email("bob"), "password": PASSWORD });
        let refused = app.stranger().post("/auth/register", body).await;
        assert_eq!(refused.error(), "403 REGISTRATION_CLOSED", "{policy}");
    }
    let app = TestApp::start().await;
    register(&app, "ada").await;
    for (body, wanted) in [
        (json!({ "email": "ADA@Example.org" }), "409 CONFLICT"),
        (json!({ "username": "ADA" }), "409 CONFLICT"),
        (json!({ "email": "nobody" }), "422 VALIDATION_ERROR email"),
        (json!({ "password": "short" }), "422 VALIDATION_ERROR password"),
        (json!({ "password": "" }), "422 VALIDATION_ERROR password"),
        (json!({ "password": "passwordpassword" }), "422 VALIDATION_ERROR password"),
        (json!({ "username": "a b" }), "422 VALIDATION_ERROR username"),
        (json!({ "full_name": "a\u{0001}b" }), "422 VALIDATION_ERROR full_name"),
        (json!({ "invitation_token": "" }), "404 INVITATION_NOT_FOUND"),
    ] {
        let mut whole = json!({ "email": email("bob"), "password": PASSWORD });
        whole.as_object_mut().expect("an object").extend(body.as_object().expect("one").clone());
        let refused = app.stranger().post("/auth/register", whole.clone()).await;
        assert_eq!(refused.error(), wanted, "{whole}");
    }
}

#[tokio::test]
async fn nothing_but_what_a_route_takes_is_taken() {
    let app = TestApp::start().await;
    let ada = register(&app, "ada").await;
    let fields = [
        "id",
        "user_id",
        "workspace_id",
        "tenant_id",
        "role",
        "is_owner",
        "is_active",
        "status",
        "permissions",
        "password_hash",
        "quota",
        "created_at",
        "updated_at",
        "last_sign_in_at",
    ];
    let bodies = [
        (Method::POST, "/auth/register", json!({ "email": email("eve"), "password": PASSWORD })),
        (Method::POST, "/auth/login", json!({ "email": email("ada"), "password": PASSWORD })),
        (Method::POST, "/auth/refresh", json!({})),
        (
            Method::POST,
            "/auth/password/change",
            json!({ "current_password": PASSWORD, "password": PASSWORD }),
        ),
        (Method::PUT, "/users/me/profile", json!({})),
    ];
    for (method, path, body) in bodies {
        for field in fields {
            let mut body = body.clone();
            body[field] = json!("x");
            let answer = ada.client.send(ada.client.json(method.clone(), path, &body)).await;
            assert_eq!(answer.error(), format!("422 VALIDATION_ERROR {field}"), "{path}");
        }
    }
    let path = format!("/users/{}", ada.id);
    for field in fields.iter().filter(|field| !["status", "is_owner"].contains(field)) {
        let body = json!({ "full_name": "Ada", (*field): "x" });
        let answer = ada.client.send(ada.client.json(Method::PUT, &path, &body)).await;
        assert_eq!(answer.error(), format!("422 VALIDATION_ERROR {field}"));
    }
}

#[tokio::test]
async fn secrets_that_are_none_never_match() {
    let app = TestApp::start().await;
    register(&app, "ada").await;
    for nothing in [json!(null), json!(""), json!([]), json!(0), json!({}), json!(false)] {
        for (path, field, body) in [
            ("/auth/login", "password", json!({ "email": email("ada") })),
            ("/auth/refresh", "refresh_token", json!({})),
            ("/auth/password/reset", "token", json!({ "password": PASSWORD })),
            ("/auth/login/second-factor", "code", json!({ "challenge_token": "x" })),
            ("/auth/login/second-factor", "challenge_token", json!({ "code": "123456" })),
        ] {
            let mut body = body;
            body[field] = nothing.clone();
            let status = app.stranger().post(path, body.clone()).await.status.as_u16();
            assert!(matches!(status, 401 | 422), "{path} {body}: {status}");
        }
    }
}

#[tokio::test]
async fn whoever_is_refused_is_told_the_same() {
    let app = TestApp::start().await;
    let owner = register(&app, "owner").await;
    let ada = register(&app, "ada").await;
    let told = async |name: &str, password: &str| {
        let answer = login(&app, name, password).await;
        let error = answer.json()["error"].clone();
        (answer.status.as_u16(), error["code"].clone(), error["message"].clone())
    };
    let unknown = told("nobody", PASSWORD).await;
    assert_eq!(unknown.0, 401);
    assert_eq!(told("ada", "seven sober otters sink").await, unknown);
    assert_eq!(told("ada", "x").await, unknown);
    owner.client.put(&format!("/users/{}", ada.id), json!({ "status": "suspended" })).await;
    assert_eq!(told("ada", PASSWORD).await, unknown, "suspended");
    let made = owner.client.post("/users", json!({ "email": email("bob") })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made}");
    assert_eq!(told("bob", PASSWORD).await, unknown, "without a password");
    let by_name = json!({ "email": "OWNER", "password": PASSWORD });
    assert_eq!(app.stranger().post("/auth/login", by_name).await.status, StatusCode::OK);
}

#[tokio::test]
async fn attempts_are_bounded_for_a_user_who_is_there_or_not() {
    let app = TestApp::with(&[("VPAURA__AUTH__ATTEMPTS_PER_USER", "2")]).await;
    register(&app, "ada").await;
    for name in ["ada", "nobody"] {
        for wanted in [401, 401, 429, 429] {
            let answer = login(&app, name, "seven sober otters sink").await;
            assert_eq!(answer.status.as_u16(), wanted, "{name}");
            assert_eq!(answer.header("retry-after").is_some(), wanted == 429);
        }
    }
    let app = TestApp::with(&[("VPAURA__AUTH__ATTEMPTS_PER_ADDRESS", "2")]).await;
    for (name, wanted) in [("a", 401), ("b", 401), ("c", 429)] {
        assert_eq!(login(&app, name, PASSWORD).await.status.as_u16(), wanted);
    }
}

#[tokio::test]
async fn after_a_hundred_failures_the_password_has_to_be_reset() {
    let many = [
        ("VPAURA__AUTH__ATTEMPTS_PER_USER", "1000"),
        ("VPAURA__AUTH__ATTEMPTS_PER_ADDRESS", "1000"),
    ];
    let app = TestApp::with(&many).await;
    register(&app, "ada").await;
    for _ in 0..99 {
        assert_eq!(login(&app, "ada", "seven sober otters sink").await.status, 401);
    }
    assert_eq!(login(&app, "ada", PASSWORD).await.status, StatusCode::OK, "the count begins anew");
    for _ in 0..100 {
        assert_eq!(login(&app, "ada", "seven sober otters sink").await.status, 401);
    }
    assert_eq!(login(&app, "ada", PASSWORD).await.error(), "401 UNAUTHORIZED");
    let token = reset_token(&app, "ada").await;
    let body = json!({ "token": token, "password": "eight sober otters sing" });
    assert_eq!(app.stranger().post("/auth/password/reset", body).await.status, 204);
    assert_eq!(login(&app, "ada", "eight sober otters sing").await.status, StatusCode::OK);
}

pub async fn reset_token(app: &TestApp, name: &str) -> String {
    let scope = Scope::operator();
    let link = app.engine.password_reset_link(&scope, &email(name), &Origin::default()).await;
    let link = link.expect("a link").url;
    link.expose_secret().rsplit_once('=').expect("a token").1.to_owned()
}

#[tokio::test]
async fn a_link_sets_a_password_once_and_ends_what_was_before() {
    let app = TestApp::start().await;
    let ada = register(&app, "ada").await;
    for name in ["ada", "nobody"] {
        let stranger = app.stranger();
        let answer = stranger.post("/auth/password/forgot", json!({ "email": email(name) })).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (202, ""), "{name}");
    }
    let (old, token) = (reset_token(&app, "ada").await, reset_token(&app, "ada").await);
    let reset = async |token: &str, password: &str| {
        let body = json!({ "token": token, "password": password });
        app.stranger().post("/auth/password/reset", body).await
    };
    let other = "eight sober otters sing";
    assert_eq!(reset(&old, other).await.error(), "401 UNAUTHORIZED", "the newest link counts");
    assert_eq!(reset(&token, "short").await.error(), "422 VALIDATION_ERROR password");
    let all = futures_util::future::join_all((0..5).map(|_| reset(&token, other))).await;
    let won = all.iter().filter(|answer| answer.status == StatusCode::NO_CONTENT).count();
    assert_eq!(won, 1);
    assert_eq!(reset(&token, other).await.error(), "401 UNAUTHORIZED");
    assert_eq!(ada.client.get("/users/me").await.status, 401, "all sign-ins ended");
    assert_eq!(login(&app, "ada", PASSWORD).await.status, 401);
    assert_eq!(login(&app, "ada", other).await.status, 200);
    let late = reset_token(&app, "ada").await;
    app.clock.advance(Duration::from_secs(3_600));
    assert_eq!(reset(&late, PASSWORD).await.error(), "401 UNAUTHORIZED");
}

#[tokio::test]
async fn tokens_are_in_cookies_that_no_script_reads() {
    let app = TestApp::start().await;
    register(&app, "ada").await;
    let answer = login(&app, "ada", PASSWORD).await;
    let set = cookies(&answer);
    let tokens = answer.json();
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let access = at(&tokens, "/access_token");
    let refresh = at(&tokens, "/refresh_token");
    assert!(
        set.contains(&format!(
            "access_token={access}; HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000"
        )),
        "{set:?}"
    );
    assert!(
        set.contains(&format!(
            "refresh_token={refresh}; HttpOnly; SameSite=Lax; Path=/api/v1/auth; Max-Age=2592000"
        )),
        "{set:?}"
    );
    assert!(set.iter().any(|it| it.starts_with("session_token=;") && it.contains("Max-Age=0")));
    let browser = app.stranger().with_cookie(&format!("refresh_token={refresh}"));
    let next = browser.post("/auth/refresh", json!({})).await;
    assert_eq!(next.status, StatusCode::OK, "{next}");
    assert_ne!(at(&next.json(), "/refresh_token"), refresh);
}

#[tokio::test]
async fn a_refresh_token_that_comes_twice_ends_the_session() {
    let app = TestApp::start().await;
    let ada = register(&app, "ada").await;
    let refresh = async |token: &str| {
        app.stranger().post("/auth/refresh", json!({ "refresh_token": token })).await
    };
    let next = refresh(ada.refresh_token()).await;
    let person = Person::of(&app, &next);
    assert_eq!(person.client.get("/users/me").await.status, StatusCode::OK);
    assert_eq!(refresh(ada.refresh_token()).await.error(), "401 UNAUTHORIZED");
    assert_eq!(refresh(person.refresh_token()).await.error(), "401 UNAUTHORIZED");
    assert_eq!(person.client.get("/users/me").await.error(), "401 UNAUTHORIZED");
    for bad in ["", "vpr_", "null", API_KEY, at(&ada.signed_in, "/access_token")] {
        assert_eq!(refresh(bad).await.error(), "401 UNAUTHORIZED", "{bad:?}");
    }

    let again = Person::of(&app, &login(&app, "ada", PASSWORD).await);
    let all = (0..5).map(|_| refresh(again.refresh_token()));
    let all = futures_util::future::join_all(all).await;
    let won = all.iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(won, 1, "of those that race one wins");
}

#[tokio::test]
async fn an_access_token_that_is_not_quite_one_is_refused_without_a_reason() {
    let app = TestApp::start().await;
    let ada = register(&app, "ada").await;
    let token = at(&ada.signed_in, "/access_token").to_owned();
    let parts: Vec<&str> = token.split('.').collect();
    // {"alg":"none","typ":"at+jwt"}
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{}.", parts[1]);
    let visitor = app.stranger().post("/sessions", json!({})).await.json();
    let other = TestApp::with(&[("JWT_SECRET_KEY", "another secret of 32 bytes, or more")]).await;
    let others = register(&other, "ada").await;
    let bads = [
        unsigned,
        format!("{}.{}.{}x", parts[0], parts[1], parts[2]),
        format!("{}.{}", parts[0], parts[1]),
        ada.refresh_token().to_owned(),
    ];
    for bad in &bads {
        let answer = app.stranger().with_bearer(bad).get("/users/me").await;
        assert_eq!(answer.error(), "401 UNAUTHORIZED", "{bad}");
        assert_eq!(answer.json()["error"]["details"], json!(null));
    }
    let session = at(&visitor, "/token");
    let as_visitor = app.stranger().with_bearer(session).get("/users/me").await;
    assert_eq!(as_visitor.error(), "401 UNAUTHORIZED", "a visitor is no user");
    let _ = others;
    app.clock.advance(Duration::from_secs(15 * 60));
    assert_eq!(ada.client.get("/users/me").await.error(), "401 UNAUTHORIZED", "it has ended");
}

#[tokio::test]
async fn who_signs_out_is_out_at_the_server() {
    let app = TestApp::start().await;
    let here = register(&app, "ada").await;
    let there = Person::of(&app, &login(&app, "ada", PASSWORD).await);
    let third = Person::of(&app, &login(&app, "ada", PASSWORD).await);
    let out = here.client.post("/auth/logout", json!({})).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert_eq!(cookies(&out).iter().filter(|it| it.contains("Max-Age=0")).count(), 3);
    assert_eq!(here.client.get("/users/me").await.error(), "401 UNAUTHORIZED");
    assert_eq!(there.client.get("/users/me").await.status, StatusCode::OK);
    there.client.post("/auth/logout", json!({ "everywhere": true })).await;
    for person in [&there, &third] {
        assert_eq!(person.client.get("/users/me").await.error(), "401 UNAUTHORIZED");
        let body = json!({ "refresh_token": person.refresh_token() });
        assert_eq!(app.stranger().post("/auth/refresh", body).await.error(), "401 UNAUTHORIZED");
    }
    assert_eq!(app.stranger().post("/auth/logout", json!({})).await.status, 204);
    let last = Person::of(&app, &login(&app, "ada", PASSWORD).await);
    let cookie = format!("refresh_token={}", last.refresh_token());
    app.stranger().with_cookie(&cookie).post("/auth/logout", json!({})).await;
    assert_eq!(last.client.get("/users/me").await.error(), "401 UNAUTHORIZED");
}

#[tokio::test]
async fn what_a_visitor_said_is_theirs_once_they_sign_in() {
    let app = TestApp::start().await;
    register(&app, "ada").await;
    let created = app.stranger().post("/sessions", json!({})).await;
    let cookie = created.cookie().expect("a cookie");
    let visitor = app.stranger().with_cookie(&cookie);
    let turn = visitor.conversation("My secret plan").await;
    let file = crate::files::upload(&visitor, "plan.txt", "the words").await.json();
    let body = json!({ "email": email("ada"), "password": PASSWORD });
    let ada = Person::of(&app, &visitor.post("/auth/login", body).await);
    let path = format!("/conversations/{}", at(&turn, "/conversation_id"));
    assert_eq!(ada.client.get(&path).await.status, StatusCode::OK);
    let path = format!("/runs/{}", at(&turn, "/run_id"));
    assert_eq!(ada.client.get(&path).await.status, StatusCode::OK);
    let path = format!("/files/{}", at(&file, "/file_id"));
    assert_eq!(ada.client.get(&path).await.status, StatusCode::OK);
    assert_eq!(visitor.get("/conversations").await.error(), "401 UNAUTHORIZED", "it is no more");
    assert_ne!(
        created.json()["session"]["id"],
        ada.client.get("/sessions").await.json()["items"][0]["id"]
    );
}

#[tokio::test]
async fn without_visitors_nobody_chats_who_is_not_signed_in() {
    let app = TestApp::with(&[("VPAURA__AUTH__ANONYMOUS", "false")]).await;
    let stranger = app.stranger();
    assert_eq!(stranger.get("/auth/status").await.json()["anonymous"], false);
    for (path, body) in [
        ("/sessions", json!({})),
        ("/chat", json!({ "message": "hi" })),
        ("/chat/stream", json!({ "message": "hi" })),
        ("/chat/message", json!({ "message": "hi" })),
    ] {
        assert_eq!(stranger.post(path, body).await.error(), "401 UNAUTHORIZED", "{path}");
    }
    assert_eq!(stranger.get("/conversations").await.error(), "401 UNAUTHORIZED");
    let shared = stranger.get("/shared/unknown-token-of-nobody").await;
    assert_eq!(shared.status, StatusCode::NOT_FOUND, "share links are for everybody");
    let ada = register(&app, "ada").await;
    ada.client.conversation("Hello").await;
}

#[tokio::test]
async fn a_user_goes_on_in_another_workspace() {
    let app = TestApp::start().await;
    let ada = register(&app, "ada").await;
    let token = at(&ada.signed_in, "/access_token");
    let scope = app.engine.authenticate_bearer(token).await.expect("a scope");
    let origin = Origin::default();
    let made = app.engine.create_workspace(&scope, &origin, "Second", None).await.expect("one");
    let there = ada.client.post("/auth/switch", json!({ "workspace_id": made.id })).await;
    assert_eq!(there.status, StatusCode::OK, "{there}");
    assert_eq!(at(&there.json(), "/user/workspace/name"), "Second");
    let person = Person::of(&app, &there);
    assert_eq!(person.client.get("/users/me").await.json()["workspace"]["name"], "Second");
    let body = json!({ "refresh_token": person.refresh_token() });
    let next = app.stranger().post("/auth/refresh", body).await;
    assert_eq!(at(&next.json(), "/user/workspace/name"), "Second");
    let again = login(&app, "ada", PASSWORD).await.json();
    assert_eq!(at(&again, "/user/workspace/name"), "Second", "it is remembered");
    let bob = register(&app, "bob").await;
    let into = json!({ "workspace_id": made.id });
    assert_eq!(bob.client.post("/auth/switch", into).await.error(), "404 WORKSPACE_NOT_FOUND");
    let nowhere = json!({ "workspace_id": NOBODY });
    assert_eq!(bob.client.post("/auth/switch", nowhere).await.error(), "404 WORKSPACE_NOT_FOUND");
}

#[tokio::test]
async fn a_provider_that_is_not_there_leads_nowhere() {
    let app = TestApp::with(&[
        ("VPAURA__SERVER__PUBLIC_URL", "https://us.example"),
        ("VPAURA__AUTH__OIDC__ACME__ISSUER", "http://127.0.0.1:9"),
        ("VPAURA__AUTH__OIDC__ACME__CLIENT_ID", "us"),
        ("VPAURA__AUTH__OIDC__ACME__NAME", "Acme"),
    ])
    .await;
    let stranger = app.stranger();
    let status = stranger.get("/auth/status").await.json();
    assert_eq!(status["oidc"], json!([{ "id": "acme", "name": "Acme" }]));
    for (path, wanted) in [
        ("/auth/oidc/other", "404 NOT_FOUND"),
        ("/auth/oidc/acme?return_to=//evil.example", "422 VALIDATION_ERROR return_to"),
        ("/auth/oidc/acme?return_to=https://evil.example", "422 VALIDATION_ERROR return_to"),
        ("/auth/oidc/acme?to=/", "422 VALIDATION_ERROR to"),
        ("/auth/oidc/acme", "503 SERVICE_UNAVAILABLE"),
        ("/auth/oidc/acme/callback?code=x&state=y", "401 UNAUTHORIZED"),
    ] {
        assert_eq!(stranger.get(path).await.error(), wanted, "{path}");
    }
    let foreign = stranger.with_cookie(&format!("oidc_sign_in={}", "0".repeat(64)));
    let answer = foreign.get("/auth/oidc/acme/callback?code=x&state=y&session_state=z").await;
    assert_eq!(answer.error(), "401 UNAUTHORIZED", "nothing waits for this browser");
}
