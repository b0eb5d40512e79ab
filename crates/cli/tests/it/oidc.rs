//! Sign-in by a real identity provider, from the first click to the last cookie: a browser, the
//! server and the provider, each for itself. Needs Node and npm, or `VPAURA_SKIP_NODE=1`.

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::cookie::Jar;
use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;
use vpaura_test_support::OidcServer;

use crate::server::Server;

/// Under which browsers know the server, as behind a proxy.
const HOME: &str = "http://localhost";
const API: &str = "http://localhost/api/v1";
const BEGIN: &str = "http://localhost/api/v1/auth/oidc/campus?return_to=/c/1";
const CALLBACK: &str = "http://localhost/api/v1/auth/oidc/campus/callback";

/// A server whose people sign in at a provider.
struct Campus {
    server: Server,
    /// The owner's access token.
    owner: String,
    _data: TempDir,
    _provider: OidcServer,
}

impl Campus {
    /// With somebody who owns the installation, so that groups decide on who comes later.
    async fn start() -> Option<Self> {
        Self::start_with("open").await
    }

    /// With this policy of who may register.
    async fn start_with(registration: &str) -> Option<Self> {
        let provider = OidcServer::start(CALLBACK, &[]).unwrap()?;
        let data = tempfile::tempdir().unwrap();
        let config = format!(
            "[server]\npublic_url = {HOME:?}\n[auth]\nregistration = {registration:?}\n\
             [auth.oidc.campus]\nissuer = {:?}\n\
             client_id = \"vpaura-RS256\"\nclient_secret = {:?}\n\
             scopes = [\"profile\", \"email\", \"groups\"]\ngroups_claim = \"groups\"\n\
             role_map = [\"mathematicians=admin\", \"staff=viewer\"]\n",
            provider.issuer(),
            OidcServer::SECRET,
        );
        std::fs::write(data.path().join("vpaura.toml"), config).unwrap();
        let server = Server::start(data.path(), &[]);
        let owner = json!({ "email": "root@example.org", "password": "seven sober otters sing" });
        let made = server.post("/auth/register", &owner).await;
        assert_eq!(made.status(), StatusCode::CREATED);
        let made: Value = made.json().await.unwrap();
        let owner = made["access_token"].as_str().unwrap().to_owned();
        Some(Self { server, owner, _data: data, _provider: provider })
    }

    fn browser(&self) -> Browser {
        let address: SocketAddr = self.server.url.strip_prefix("http://").unwrap().parse().unwrap();
        let jar = Arc::new(Jar::default());
        let client = |policy| {
            let builder = Client::builder().no_proxy().cookie_provider(Arc::clone(&jar));
            builder.redirect(policy).resolve("localhost", address).build().unwrap()
        };
        Browser { client: client(Policy::limited(20)), one_step: client(Policy::none()) }
    }

    async fn emails(&self) -> Vec<String> {
        let users = self.server.get("/users").await;
        let mut emails: Vec<_> = users["items"].as_array().unwrap().iter().map(email).collect();
        emails.sort_unstable();
        emails
    }
}

fn email(user: &Value) -> String {
    user["email"].as_str().unwrap().to_lowercase()
}

/// A browser without a window: keeps cookies, follows redirects, and fills in forms.
struct Browser {
    client: Client,
    /// The same, which stops at redirects.
    one_step: Client,
}

impl Browser {
    /// Where the first click on the provider's name leads.
    async fn begin(&self) -> Url {
        let answer = self.one_step.get(BEGIN).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FOUND);
        location(&answer)
    }

    /// Signs in as `user` from `url` on; what the way ends at.
    async fn sign_in(&self, url: &str, user: &str) -> Response {
        let mut answer = self.client.get(url).send().await.unwrap();
        for _ in 0..5 {
            let url = answer.url().clone();
            if url.host_str() == Some("localhost") {
                return answer;
            }
            let page = answer.text().await.unwrap();
            let form = if page.contains("name=\"login\"") {
                vec![("prompt", "login"), ("login", user), ("password", "any")]
            } else {
                assert!(page.contains("value=\"consent\""), "unknown, at {url}: {page}");
                vec![("prompt", "consent")]
            };
            answer = self.client.post(url).form(&form).send().await.unwrap();
        }
        panic!("the provider asks without end");
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        let answer = self.client.get(format!("{API}{path}")).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    async fn put(&self, user: &Value, body: Value) -> Response {
        let path = format!("{API}/users/{}", user["id"].as_str().unwrap());
        self.client.put(path).json(&body).send().await.unwrap()
    }

    async fn make(&self, path: &str, body: Value) -> Value {
        let answer = self.client.post(format!("{API}{path}")).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED, "{path}");
        answer.json().await.unwrap()
    }
}

fn location(answer: &Response) -> Url {
    answer.headers()[LOCATION].to_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn who_the_provider_knows_comes_in_with_their_groups_role() {
    let Some(campus) = Campus::start().await else { return };
    let first = campus.browser();
    first.make("/sessions", json!({})).await;
    let before = first.make("/conversations", json!({ "title": "Before" })).await;
    let back = first.sign_in(BEGIN, "ada").await;
    assert_eq!((back.status(), back.url().path()), (StatusCode::OK, "/c/1"));

    let (_, ada) = first.get("/users/me").await;
    assert_eq!(
        (email(&ada), &ada["full_name"]),
        ("ada@example.org".into(), &json!("Ada Lovelace"))
    );
    assert_eq!((&ada["role"], &ada["is_owner"]), (&json!("admin"), &json!(false)));
    let moved = first.put(&ada, json!({ "email": "root2@example.org" })).await;
    assert_eq!(moved.status(), StatusCode::UNPROCESSABLE_ENTITY, "the provider says the address");
    let problem: Value = moved.json().await.unwrap();
    assert_eq!(problem["error"]["details"]["field"], "email");
    let same = json!({ "email": ada["email"], "full_name": "Ada Lovelace" });
    assert_eq!(first.put(&ada, same).await.status(), StatusCode::OK);
    let (_, mine) = first.get("/conversations").await;
    assert_eq!(mine["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&mine["items"][0]["id"], &mine["items"][0]["user_id"]),
        (&before["id"], &ada["id"])
    );

    let second = campus.browser();
    second.sign_in(BEGIN, "ada").await;
    assert_eq!(second.get("/users/me").await.1["id"], ada["id"]);
    assert_eq!(second.get("/conversations").await.1["items"], mine["items"]);
    assert_eq!(campus.emails().await, ["ada@example.org", "root@example.org"]);
}

#[tokio::test]
async fn who_has_no_verified_address_is_told_so() {
    let Some(campus) = Campus::start().await else { return };
    let browser = campus.browser();
    let back = browser.sign_in(BEGIN, "bob").await;
    assert_eq!(back.url().as_str(), "http://localhost/sign-in?error=registration_closed");
    assert_eq!(browser.get("/users/me").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(campus.emails().await, ["root@example.org"]);
}

#[tokio::test]
async fn by_invitation_only_who_is_invited_comes_in_and_only_where_they_are() {
    let Some(campus) = Campus::start_with("invitation").await else { return };
    let browser = campus.browser();
    let refused = "http://localhost/sign-in?error=registration_closed";
    assert_eq!(browser.sign_in(BEGIN, "ada").await.url().as_str(), refused);
    assert_eq!(campus.emails().await, ["root@example.org"]);

    let ask = async |path: &str, body: Value| -> Value {
        let answer = campus.server.send(&campus.owner, "POST", path, Some(&body)).await;
        assert_eq!(answer.status(), StatusCode::CREATED, "{path}");
        answer.json().await.unwrap()
    };
    let lab = ask("/workspaces", json!({ "name": "Lab" })).await;
    let invitations = format!("/workspaces/{}/invitations", lab["id"].as_str().unwrap());
    ask(&invitations, json!({ "email": "Ada@Example.org", "role": "viewer" })).await;
    let back = campus.browser();
    assert_eq!(back.sign_in(BEGIN, "ada").await.url().path(), "/c/1");
    let (_, ada) = back.get("/users/me").await;
    assert_eq!((&ada["workspace"]["id"], &ada["role"]), (&lab["id"], &json!("viewer")));
    let (_, places) = back.get("/workspaces").await;
    assert_eq!(places["items"].as_array().unwrap().len(), 1, "not in the default one");
    let open = campus.server.send(&campus.owner, "GET", &invitations, None).await;
    let open: Value = open.json().await.unwrap();
    assert_eq!(open["items"], json!([]), "it is used up");
}

#[tokio::test]
async fn closed_is_closed_to_who_comes_by_a_provider() {
    let Some(campus) = Campus::start_with("closed").await else { return };
    let back = campus.browser().sign_in(BEGIN, "ada").await;
    assert_eq!(back.url().as_str(), "http://localhost/sign-in?error=registration_closed");
    assert_eq!(campus.emails().await, ["root@example.org"]);
}

#[tokio::test]
async fn what_did_not_begin_in_this_browser_is_refused() {
    let Some(campus) = Campus::start().await else { return };
    let refused = async |browser: &Browser, url: &str| {
        let answer = browser.sign_in(url, "ada").await;
        assert!(answer.url().as_str().starts_with(CALLBACK), "{}", answer.url());
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(browser.get("/users/me").await.0, StatusCode::UNAUTHORIZED);
    };
    let honest = campus.browser();
    let begun = honest.begin().await;
    let mut tampered = begun.clone();
    let pairs: Vec<(String, String)> = begun.query_pairs().into_owned().collect();
    tampered.query_pairs_mut().clear().extend_pairs(pairs.iter().map(|(name, value)| {
        let other = value.chars().rev().collect();
        (name.as_str(), if name == "state" { other } else { value.clone() })
    }));
    refused(&honest, tampered.as_str()).await;
    // It was good for one answer, and that was it.
    refused(&honest, begun.as_str()).await;
    // Somebody else's beginning, ended here.
    let attacker = campus.browser().begin().await;
    let victim = campus.browser();
    refused(&victim, attacker.as_str()).await;
    victim.begin().await;
    refused(&victim, attacker.as_str()).await;
    assert_eq!(campus.emails().await, ["root@example.org"]);
}
