//! `/users`: oneself, and those who manage users.

use hmac::{Hmac, KeyInit, Mac};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sha1::Sha1;
use vpaura_domain::Clock;

use crate::app::{Answer, Client, NOBODY, TestApp, at};
use crate::auth::{PASSWORD, Person, email, login, register, reset_token};

async fn delete(client: &Client, path: &str, body: Value) -> Answer {
    client.send(client.json(Method::DELETE, path, &body)).await
}

/// The code that an authenticator app shows (RFC 6238).
fn code(app: &TestApp, secret: &str, later: i64) -> String {
    let key = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).expect("Base32");
    let step = app.clock.now().millis() / 30_000 + later;
    let mac = Hmac::<Sha1>::new_from_slice(&key).expect("a key");
    let digest = mac.chain_update(step.to_be_bytes()).finalize().into_bytes();
    let offset = usize::from(digest[19] & 15);
    let word = u32::from_be_bytes(digest[offset..offset + 4].try_into().expect("four bytes"));
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

#[tokio::test]
async fn users_see_themselves_and_owners_see_all() {
    let app = TestApp::start().await;
    let owner = register(&app, "owner").await;
    let bob = register(&app, "bob").await;
    let path = |person: &Person| format!("/users/{}", person.id);
    assert_eq!(bob.client.get(&path(&bob)).await.json()["username"], "bob");
    assert_eq!(bob.client.get(&path(&owner)).await.error(), "404 USER_NOT_FOUND");
    assert_eq!(bob.client.get("/users").await.error(), "403 FORBIDDEN");
    assert_eq!(owner.client.get(&path(&bob)).await.json()["username"], "bob");
    let found = owner.client.get("/users?query=BOB&status=active").await.json();
    assert_eq!((&found["total"], &found["items"][0]["id"]), (&json!(1), &json!(bob.id)));
    assert_eq!(owner.client.get("/users?status=gone").await.error(), "422 VALIDATION_ERROR status");
    assert_eq!(owner.client.get(&format!("/users/{NOBODY}")).await.error(), "404 USER_NOT_FOUND");
    assert_eq!(app.operator().get("/users").await.json()["total"], 2);
    assert_eq!(app.operator().get("/users/me").await.error(), "403 FORBIDDEN");
    let visitor = app.visitor().await;
    assert_eq!(visitor.get("/users/me").await.error(), "401 UNAUTHORIZED");
    assert_eq!(visitor.get("/users").await.error(), "403 FORBIDDEN");
}

#[tokio::test]
async fn users_are_created_for_others_with_no_more_than_ones_own_rights() {
    let app = TestApp::start().await;
    let owner = register(&app, "owner").await;
    let bob = register(&app, "bob").await;
    let body = json!({ "email": email("carl"), "role": "admin", "password": PASSWORD });
    assert_eq!(bob.client.post("/users", body.clone()).await.error(), "403 FORBIDDEN");
    let made = owner.client.post("/users", body.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made}");
    let user = made.json();
    assert_eq!((&user["username"], &user["is_owner"]), (&json!("carl"), &json!(false)));
    assert_eq!(login(&app, "carl", PASSWORD).await.json()["user"]["role"], "admin");
    assert_eq!(owner.client.post("/users", body).await.error(), "409 CONFLICT");

    let keyed = |client: &Client| {
        let body = json!({ "email": email("dora") });
        let mut request = client.json(Method::POST, "/users", &body);
        request.headers_mut().insert("idempotency-key", "k1".parse().expect("a value"));
        request
    };
    let first = owner.client.send(keyed(&owner.client)).await.json();
    let again = owner.client.send(keyed(&owner.client)).await;
    assert_eq!((again.status.as_u16(), again.json()["id"].clone()), (201, first["id"].clone()));
}

#[tokio::test]
async fn who_is_suspended_can_do_nothing_at_once() {
    let app = TestApp::start().await;
    let owner = register(&app, "owner").await;
    let bob = register(&app, "bob").await;
    let path = format!("/users/{}", bob.id);
    assert_eq!(bob.client.get("/conversations").await.status, StatusCode::OK);
    let refused = bob.client.put(&path, json!({ "is_owner": true })).await;
    assert_eq!(refused.error(), "403 FORBIDDEN", "nobody makes themselves an owner");
    let refused = bob.client.put(&path, json!({ "status": "active" })).await;
    assert_eq!(refused.error(), "403 FORBIDDEN");
    let done = owner.client.put(&path, json!({ "status": "suspended" })).await.json();
    assert_eq!((&done["status"], &done["is_active"]), (&json!("suspended"), &json!(false)));
    assert_eq!(bob.client.get("/conversations").await.error(), "401 UNAUTHORIZED");
    let body = json!({ "refresh_token": at(&bob.signed_in, "/refresh_token") });
    assert_eq!(app.stranger().post("/auth/refresh", body).await.error(), "401 UNAUTHORIZED");
    let own = format!("/users/{}", owner.id);
    let last = owner.client.put(&own, json!({ "status": "suspended" })).await;
    assert_eq!(last.error(), "409 CONFLICT", "the last owner stays");
    assert_eq!(owner.client.put(&own, json!({})).await.error(), "422 VALIDATION_ERROR");
    let named = owner.client.put(&own, json!({ "full_name": " Ada ", "username": "ada" })).await;
    assert_eq!(
        (&named.json()["full_name"], &named.json()["username"]),
        (&json!("Ada"), &json!("ada"))
    );
    let unnamed = owner.client.put(&own, json!({ "full_name": null })).await;
    assert_eq!(unnamed.json()["full_name"], json!(null));
}

#[tokio::test]
async fn sessions_of_a_user_are_listed_and_ended_without_their_conversations() {
    let app = TestApp::start().await;
    let here = register(&app, "ada").await;
    let there = Person::of(&app, &login(&app, "ada", PASSWORD).await);
    there.client.conversation("Hello").await;
    let listed = here.client.get("/sessions").await.json();
    assert_eq!(listed["items"].as_array().expect("a list").len(), 2);
    assert_eq!(listed["items"][0]["owner_id"], json!(here.id));
    let session = at(&listed["items"][0], "/id").to_owned();
    let other = register(&app, "eve").await;
    let path = format!("/sessions/{session}");
    assert_eq!(other.client.delete(&path).await.error(), "404 SESSION_NOT_FOUND");
    let hard = format!("{path}?hard=true");
    assert_eq!(here.client.delete(&hard).await.status, StatusCode::NO_CONTENT);
    assert_eq!(there.client.get("/conversations").await.error(), "401 UNAUTHORIZED");
    assert_eq!(here.client.get("/conversations").await.json()["total"], 1);
}

#[tokio::test]
async fn a_profile_is_kept_and_bounded() {
    let app = TestApp::start().await;
    let ada = register(&app, "ada").await;
    let empty = ada.client.get("/users/me/profile").await.json();
    assert_eq!(empty["wishes"], json!([]));
    let body = json!({
        "preferences": { "pace": "slow" }, "constraints": { "budget": 900 },
        "past_destinations": ["Lisbon"], "wishes": ["the sea"],
    });
    assert_eq!(ada.client.put("/users/me/profile", body.clone()).await.json(), body);
    assert_eq!(ada.client.get("/users/me/profile").await.json(), body);
    for (body, field) in [
        (json!({ "wishes": ["a\nb"] }), "wishes[0]"),
        (json!({ "wishes": "the sea" }), "wishes"),
        (json!({ "preferences": [1] }), "preferences"),
        (json!({ "past_destinations": vec!["x"; 201] }), "past_destinations"),
        (json!({ "constraints": { "a": "x".repeat(17_000) } }), "constraints"),
    ] {
        let refused = ada.client.put("/users/me/profile", body).await;
        assert_eq!(refused.error(), format!("422 VALIDATION_ERROR {field}"));
    }
    assert_eq!(app.operator().get("/users/me/profile").await.error(), "403 FORBIDDEN");
}

#[tokio::test]
async fn the_second_factor_is_asked_for_and_counts_once() {
    let app = TestApp::start().await;
    let ada = register(&app, "ada").await;
    let begin = async |body: Value| ada.client.post("/users/me/second-factor", body).await;
    assert_eq!(begin(json!({})).await.error(), "422 VALIDATION_ERROR password");
    assert_eq!(begin(json!({ "password": "wrong" })).await.error(), "403 FORBIDDEN");
    let begun = begin(json!({ "password": PASSWORD })).await.json();
    let secret = at(&begun, "/secret").to_owned();
    assert!(at(&begun, "/uri").starts_with("otpauth://totp/VPAura:ada%40example.org?secret="));
    assert_eq!(login(&app, "ada", PASSWORD).await.status, 200, "it is not confirmed yet");
    let confirm = async |code: String| {
        ada.client.post("/users/me/second-factor/confirm", json!({ "code": code })).await
    };
    assert_eq!(confirm("000000x".into()).await.error(), "403 FORBIDDEN");
    let codes = confirm(code(&app, &secret, 0)).await.json();
    let codes = codes["recovery_codes"].as_array().expect("codes").clone();
    assert_eq!(codes.len(), 10);

    let challenge = login(&app, "ada", PASSWORD).await.json();
    assert_eq!(challenge["second_factor_required"], true);
    let token = at(&challenge, "/challenge_token").to_owned();
    assert!(challenge.get("access_token").is_none());
    let as_access = app.stranger().with_bearer(&token).get("/users/me").await;
    assert_eq!(as_access.error(), "401 UNAUTHORIZED", "a challenge opens nothing else");
    let answer = async |token: &str, code: &str| {
        let body = json!({ "challenge_token": token, "code": code });
        app.stranger().post("/auth/login/second-factor", body).await
    };
    assert_eq!(answer(&token, "").await.error(), "401 UNAUTHORIZED");
    let used = code(&app, &secret, 0);
    assert_eq!(answer(&token, &used).await.error(), "401 UNAUTHORIZED", "it confirmed the app");
    let next = code(&app, &secret, 1);
    let all = (0..3).map(|_| answer(&token, &next));
    let all = futures_util::future::join_all(all).await;
    let won = all.iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(won, 1);

    let challenge = async || {
        let challenge = login(&app, "ada", PASSWORD).await.json();
        at(&challenge, "/challenge_token").to_owned()
    };
    let spare = codes[0].as_str().expect("a code");
    assert_eq!(answer(&challenge().await, spare).await.status, StatusCode::OK);
    assert_eq!(answer(&challenge().await, spare).await.error(), "401 UNAUTHORIZED", "it is used");

    let renew = json!({ "password": PASSWORD });
    let renewed = ada.client.post("/users/me/recovery-codes", renew).await.json();
    let fresh = at(&renewed, "/recovery_codes/0").to_owned();
    let old = codes[1].as_str().expect("a code");
    assert_eq!(answer(&challenge().await, old).await.error(), "401 UNAUTHORIZED");
    let off = |password: &str, code: &str| json!({ "password": password, "code": code });
    let path = "/users/me/second-factor";
    assert_eq!(delete(&ada.client, path, off("x", &fresh)).await.error(), "403 FORBIDDEN");
    assert_eq!(delete(&ada.client, path, off(PASSWORD, old)).await.error(), "403 FORBIDDEN");
    assert_eq!(delete(&ada.client, path, off(PASSWORD, &fresh)).await.status, 204);
    assert_eq!(login(&app, "ada", PASSWORD).await.json()["token_type"], "bearer");
}

#[tokio::test]
async fn a_password_is_changed_with_the_present_one() {
    let app = TestApp::start().await;
    let here = register(&app, "ada").await;
    let there = Person::of(&app, &login(&app, "ada", PASSWORD).await);
    let change = async |current: &str, password: &str| {
        let body = json!({ "current_password": current, "password": password });
        here.client.post("/auth/password/change", body).await
    };
    let other = "eight sober otters sing";
    assert_eq!(change("wrong", other).await.error(), "403 FORBIDDEN");
    assert_eq!(change(PASSWORD, "ada").await.error(), "422 VALIDATION_ERROR password");
    assert_eq!(change(PASSWORD, other).await.status, StatusCode::NO_CONTENT);
    assert_eq!(here.client.get("/users/me").await.status, StatusCode::OK);
    assert_eq!(there.client.get("/users/me").await.error(), "401 UNAUTHORIZED");
    assert_eq!(login(&app, "ada", other).await.status, StatusCode::OK);
    let body = json!({ "current_password": other, "password": PASSWORD });
    let by_key = app.operator().post("/auth/password/change", body).await;
    assert_eq!(by_key.error(), "403 FORBIDDEN");
}

#[tokio::test]
async fn ones_own_address_changes_with_the_present_password() {
    let app = TestApp::start().await;
    let owner = register(&app, "owner").await;
    let ada = register(&app, "ada").await;
    let path = format!("/users/{}", ada.id);
    let moved = async |person: &Person, more: Value| {
        let mut body = json!({ "email": email("lovelace") });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("one").clone());
        person.client.put(&format!("/users/{}", person.id), body).await
    };
    let link = reset_token(&app, "ada").await;
    for more in [json!({}), json!({ "current_password": null }), json!({ "current_password": "x" })]
    {
        assert_eq!(moved(&ada, more.clone()).await.error(), "403 FORBIDDEN", "{more}");
        assert_eq!(moved(&owner, more).await.error(), "403 FORBIDDEN", "owners are no exception");
    }
    let alone = ada.client.put(&path, json!({ "current_password": PASSWORD })).await;
    assert_eq!(alone.error(), "422 VALIDATION_ERROR", "it changes nothing");
    let same = json!({ "email": email("ada"), "full_name": "Ada" });
    assert_eq!(ada.client.put(&path, same).await.status, StatusCode::OK, "nothing moves");
    let done = moved(&ada, json!({ "current_password": PASSWORD })).await.json();
    assert_eq!(done["email"], "lovelace@example.org");
    let body = json!({ "token": link, "password": "eight sober otters sing" });
    let reset = app.stranger().post("/auth/password/reset", body).await;
    assert_eq!(reset.error(), "401 UNAUTHORIZED", "the link went to the address before");
    let back = owner.client.put(&path, json!({ "email": email("ada") })).await;
    assert_eq!(back.json()["email"], "ada@example.org", "who manages users needs no password");
}

#[tokio::test]
async fn passwords_are_not_guessed_by_changing_the_address() {
    let app = TestApp::with(&[("VPAURA__AUTH__ATTEMPTS_PER_USER", "2")]).await;
    let ada = register(&app, "ada").await;
    let path = format!("/users/{}", ada.id);
    let guess = async |password: &str| {
        let body = json!({ "email": email("lovelace"), "current_password": password });
        ada.client.put(&path, body).await
    };
    assert_eq!(guess("one").await.error(), "403 FORBIDDEN");
    assert_eq!(guess("two").await.error(), "403 FORBIDDEN");
    assert_eq!(guess(PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn everything_of_a_user_is_written_out_and_then_deleted() {
    let app = TestApp::start().await;
    let owner = register(&app, "owner").await;
    let ada = register(&app, "ada").await;
    let turn = ada.client.conversation("What is the plan?").await;
    crate::files::upload(&ada.client, "plan.txt", "the words").await;
    let path = format!("/users/{}", ada.id);
    let export = format!("{path}/export");
    assert_eq!(
        ada.client.get(&format!("/users/{}/export", owner.id)).await.error(),
        "404 USER_NOT_FOUND"
    );
    for client in [&ada.client, &owner.client] {
        let answer = client.get(&export).await;
        assert!(answer.header("content-disposition").expect("one").contains("ada.json"));
        let all = answer.json();
        assert_eq!((&all["format"], &all["user"]["username"]), (&json!(1), &json!("ada")));
        assert_eq!(all["memberships"][0]["role"], "member");
        assert_eq!(all["files"][0]["name"], "plan.txt");
        assert_eq!(all["conversations"].as_array().expect("a list").len(), 1);
        let messages = all["conversations"][0]["messages"].as_array().expect("messages");
        assert_eq!(messages[0]["parts"][0]["text"], "What is the plan?");
        assert_eq!(messages.len(), 2);
        for secret in ["$argon2", "password_hash", "key_hash", "totp", "vpr_"] {
            assert!(!answer.text().contains(secret), "{secret}");
        }
    }
    assert_eq!(
        delete(&ada.client, &path, json!({})).await.error(),
        "422 VALIDATION_ERROR password"
    );
    let wrong = delete(&ada.client, &path, json!({ "password": "wrong" })).await;
    assert_eq!(wrong.error(), "403 FORBIDDEN");
    let own = format!("/users/{}", owner.id);
    let last = delete(&owner.client, &own, json!({ "password": PASSWORD })).await;
    assert_eq!(last.error(), "409 CONFLICT");
    assert_eq!(delete(&ada.client, &path, json!({ "password": PASSWORD })).await.status, 204);
    assert_eq!(ada.client.get("/users/me").await.error(), "401 UNAUTHORIZED");
    let conversation = format!("/conversations/{}", at(&turn, "/conversation_id"));
    assert_eq!(app.operator().get(&conversation).await.error(), "404 CONVERSATION_NOT_FOUND");
    assert_eq!(login(&app, "ada", PASSWORD).await.error(), "401 UNAUTHORIZED");
    assert_eq!(delete(&owner.client, &path, json!({})).await.error(), "404 USER_NOT_FOUND");
}
