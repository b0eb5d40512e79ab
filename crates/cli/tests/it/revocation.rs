//! What is taken away on one replica bites on the other within seconds, over real connections: on
//! requests, on open streams and on the run itself.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tokio::time::timeout;
use vpaura_test_support::{Reply, Step};

use crate::replicas::Pair;
use crate::server::{Events, KEY, Server};

const WORKSPACE: &str = "/workspaces/00000000-0000-7000-8000-000000000001";
const PASSWORD: &str = "a long walk along the river";
/// Within this a revocation bites everywhere.
const BITES: Duration = Duration::from_secs(5);

async fn json_of(response: vpaura_llm::HttpResponse) -> Value {
    let status = response.status();
    let body: Value = response.json().await.unwrap();
    assert!(status.is_success(), "{status}: {body}");
    body
}

/// A user of the first server's, and their access token.
async fn user(server: &Server, role: &str) -> (String, String) {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos();
    let email = format!("{role}-{since}@example.org");
    let new = json!({ "email": email, "password": PASSWORD, "role": role });
    let user = json_of(server.post("/users", &new).await).await;
    let login = json!({ "email": email, "password": PASSWORD });
    let signed_in = json_of(server.post("/auth/login", &login).await).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&user["id"]), text(&signed_in["access_token"]))
}

/// A run of theirs that goes on for ever on the first server, read on both.
async fn read_on_both(pair: &Pair, bearer: &str) -> (String, [Events; 2]) {
    pair.provider.reply(Reply::of([Step::Text("so far".into()), Step::Stall]));
    let made = pair.first.send(bearer, "POST", "/conversations", Some(&json!({}))).await;
    let path = format!("/conversations/{}/runs", json_of(made).await["id"].as_str().unwrap());
    let begun = pair.first.send(bearer, "POST", &path, Some(&json!({ "message": "Hi" }))).await;
    let mut here = Events::of(begun);
    let run = here.next().await.unwrap()["run_id"].as_str().unwrap().to_owned();
    let path = format!("/runs/{run}/events?after=0");
    let mut there = Events::of(pair.second.send(bearer, "GET", &path, None).await);
    for events in [&mut here, &mut there] {
        while events.next().await.unwrap()["type"] != "delta" {}
    }
    (run, [here, there])
}

/// Within seconds of now the streams are over, the run is cancelled and the credential is worth
/// nothing on either server.
async fn bites(pair: &Pair, bearer: &str, run: &str, streams: [Events; 2]) {
    let bitten = async {
        for mut events in streams {
            events.rest().await;
        }
        for server in [&pair.first, &pair.second] {
            while server.send(bearer, "GET", "/conversations", None).await.status().is_success() {}
        }
        while pair.second.get(&format!("/runs/{run}")).await["status"] != "cancelled" {}
    };
    timeout(BITES, bitten).await.expect("it bites in time");
}

#[tokio::test]
async fn a_key_revoked_on_one_replica_is_worth_nothing_on_the_other() {
    let Some(pair) = Pair::start_with(&[]).await else { return };
    let (_, owner) = user(&pair.first, "owner").await;
    let keys = format!("{WORKSPACE}/api-keys");
    let new = json!({ "name": "Website", "permissions": ["chat:read", "chat:write"] });
    let made = json_of(pair.first.send(&owner, "POST", &keys, Some(&new)).await).await;
    let key = made["key"].as_str().unwrap();
    let (run, streams) = read_on_both(&pair, key).await;
    let path = format!("{keys}/{}", made["api_key"]["id"].as_str().unwrap());
    let revoked = pair.second.send(&owner, "DELETE", &path, None).await;
    assert_eq!(revoked.status(), 204);
    bites(&pair, key, &run, streams).await;
}

#[tokio::test]
async fn a_user_suspended_on_one_replica_is_sent_away_from_the_other() {
    let Some(pair) = Pair::start_with(&[]).await else { return };
    let (id, member) = user(&pair.first, "member").await;
    let (run, streams) = read_on_both(&pair, &member).await;
    let (path, suspended) = (format!("/users/{id}"), json!({ "status": "suspended" }));
    json_of(pair.second.send(KEY, "PUT", &path, Some(&suspended)).await).await;
    bites(&pair, &member, &run, streams).await;
}

#[tokio::test]
async fn a_member_removed_on_one_replica_is_sent_away_from_the_other() {
    let Some(pair) = Pair::start_with(&[]).await else { return };
    let (_, owner) = user(&pair.first, "owner").await;
    let (id, member) = user(&pair.first, "member").await;
    let (run, streams) = read_on_both(&pair, &member).await;
    let path = format!("{WORKSPACE}/members/{id}");
    let removed = pair.second.send(&owner, "DELETE", &path, None).await;
    assert_eq!(removed.status(), 204);
    bites(&pair, &member, &run, streams).await;
}
