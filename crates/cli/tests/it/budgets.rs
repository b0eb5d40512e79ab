//! Budgets and chatbots over HTTP, against real servers and a provider that records what it is
//! asked: one server on SQLite, two on PostgreSQL.

use futures_util::future::join_all;
use serde_json::{Value, json};
use vpaura_test_support::{DefaultAnswer, ScriptedProvider};

use crate::replicas::Pair;
use crate::server::Server;

const WORKSPACE: &str = "/workspaces/00000000-0000-7000-8000-000000000001";
/// Requests at once.
const REQUESTS: usize = 100;
/// What a request sets aside is below this many tokens.
const MOST: u64 = 1_500;

async fn json_of(server: &Server, path: &str, body: &Value) -> Value {
    let response = server.post(path, body).await;
    let status = response.status();
    let answer: Value = response.json().await.unwrap();
    assert!(status.is_success(), "{path}: {answer}");
    answer
}

/// A hundred messages at once to a chatbot with a small budget, spread over the servers.
async fn never_overshoots(servers: &[&Server], provider: &ScriptedProvider) {
    provider.answer_with(DefaultAnswer { tokens: 40, ..DefaultAnswer::default() });
    let first = servers[0];
    let settings = json!({ "max_tokens": 100, "tools": [] });
    let bot =
        json_of(first, "/chatbots", &json!({ "name": "Thrifty", "settings": settings })).await;
    let amount = 4 * MOST;
    let budget = json!({
        "spender": { "chatbot": bot["id"] }, "period": "month", "unit": "tokens",
        "amount": amount,
    });
    let budget = json_of(first, &format!("{WORKSPACE}/budgets"), &budget).await;
    let say = json!({ "message": "Hi", "chatbot_id": bot["id"] });
    let before = provider.requests().len();
    let answers = join_all((0..REQUESTS).map(|n| {
        let server = servers[n % servers.len()];
        let say = say.clone();
        async move {
            let response = server.post("/chat/message", &say).await;
            let status = response.status().as_u16();
            let wait = response.headers().get("retry-after").cloned();
            (status, wait, response.json::<Value>().await.unwrap())
        }
    }))
    .await;
    let (mut answered, mut used) = (0, 0);
    for (status, wait, answer) in answers {
        if status == 200 {
            answered += 1;
            let usage = &answer["usage"];
            used += usage["input"].as_u64().unwrap() + usage["output"].as_u64().unwrap();
            continue;
        }
        assert_eq!(
            (status, &answer["error"]["code"]),
            (429, &json!("BUDGET_EXCEEDED")),
            "{answer}"
        );
        assert!(wait.is_some());
        let details = &answer["error"]["details"];
        assert_eq!(details["budget"]["amount"], amount, "{answer}");
        assert!(details["left"].as_u64().unwrap() < MOST && details["renews_at"].is_string());
    }
    assert!((1..REQUESTS).contains(&answered), "{answered} of {REQUESTS}");
    assert_eq!(provider.requests().len() - before, answered, "nobody else was asked");
    let states = first.get(&format!("{WORKSPACE}/budgets")).await;
    let states = states["items"].as_array().unwrap();
    let state = states.iter().find(|state| state["budget"]["id"] == budget["id"]).unwrap();
    assert_eq!((&state["spent"], &state["reserved"]), (&json!(used), &json!(0)));
    assert!(used <= amount, "{used} of {amount}");
    let usage = first.get(&format!("{WORKSPACE}/usage?by=chatbot")).await;
    let sums = usage["items"].as_array().unwrap();
    let sum = sums.iter().find(|sum| sum["chatbot_id"] == bot["id"]).unwrap();
    assert_eq!(sum["runs"], answered, "{sum}");
    assert_eq!(sum["input"].as_u64().unwrap() + sum["output"].as_u64().unwrap(), used);
}

async fn alone() -> (ScriptedProvider, tempfile::TempDir, Server) {
    let provider = ScriptedProvider::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let url = provider.openai_url();
    let settings = [("OPENAI_BASE_URL", url.as_str()), ("LLM_MODEL", "openai/scripted")];
    let server = Server::start(folder.path(), &settings);
    (provider, folder, server)
}

#[tokio::test]
async fn a_hundred_requests_at_once_never_overshoot_on_sqlite() {
    let (provider, _folder, server) = alone().await;
    never_overshoots(&[&server], &provider).await;
}

#[tokio::test]
async fn a_hundred_requests_at_once_never_overshoot_on_two_replicas() {
    let Some(pair) = Pair::start_with(&[]).await else { return };
    never_overshoots(&[&pair.first, &pair.second], &pair.provider).await;
}

#[tokio::test]
async fn a_provider_is_asked_as_each_chatbot_says() {
    let (provider, _folder, server) = alone().await;
    let settings = json!({
        "temperature": 0.25, "top_p": 0.5, "max_tokens": 77, "stop": ["END"], "tools": [],
        "system_prompt": { "text": "I am {{ chatbot }}." },
    });
    let bot =
        json_of(&server, "/chatbots", &json!({ "name": "Exact", "settings": settings })).await;
    json_of(&server, "/chat/message", &json!({ "message": "Hi", "chatbot_id": bot["id"] })).await;
    json_of(&server, "/chat/message", &json!({ "message": "Hi" })).await;
    let asked: Vec<Value> = provider.requests().into_iter().map(|it| it.body).collect();
    assert_eq!(asked[0]["temperature"], 0.25);
    assert_eq!(asked[0]["top_p"], 0.5);
    assert_eq!(asked[0]["max_completion_tokens"], 77);
    assert_eq!(asked[0]["stop"], json!(["END"]));
    assert_eq!(asked[0]["messages"][0], json!({ "role": "system", "content": "I am Exact." }));
    assert!(asked[1].get("top_p").is_none() && asked[1].get("stop").is_none());
}
