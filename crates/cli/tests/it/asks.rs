//! Runs with tools across `kill -9` and replicas: a question waits as long as nobody answers, an
//! answer that was acknowledged is never asked for again, and a tool that was done is not done
//! twice.

use std::path::Path;

use serde_json::{Value, json};
use vpaura_test_support::{Reply, ScriptedProvider, Step};

use crate::replicas::Pair;
use crate::server::{Events, Server, text};

/// A server on SQLite whose model is the scripted provider, with these settings besides.
fn start(data: &Path, provider: &ScriptedProvider, more: &[(&str, &str)]) -> Server {
    let url = provider.openai_url();
    let mut settings = vec![
        ("OPENAI_BASE_URL", url.as_str()),
        ("LLM_MODEL", "openai/scripted"),
        ("VPAURA__RUNS__LEASE_SECONDS", "2"),
        ("VPAURA__RUNS__RENEW_SECONDS", "1"),
        ("VPAURA__RUNS__SWEEP_SECONDS", "1"),
    ];
    settings.extend(more);
    Server::start(data, &settings)
}

fn renames(provider: &ScriptedProvider, title: &str) {
    let arguments = vec![json!({ "title": title }).to_string()];
    let (id, name) = ("call_1".to_owned(), "rename_conversation".to_owned());
    let call = Step::ToolCall { id, name, arguments };
    provider.reply(Reply::of([Step::Text("One moment. ".to_owned()), call]));
}

/// A new conversation and the run that answers its first message.
async fn ask_to_rename(server: &Server) -> (String, Events) {
    let created: Value = server.post("/conversations", &json!({})).await.json().await.unwrap();
    let path = format!("/conversations/{}", created["id"].as_str().unwrap());
    let run = server.post(&format!("{path}/runs"), &json!({ "message": "Rename it." })).await;
    (path, Events::of(run))
}

/// Approves whatever the run asks.
async fn approve(server: &Server, run: &str) -> Value {
    let asks = server.get(&format!("/runs/{run}")).await["asks"].clone();
    let asks = asks.as_array().unwrap().iter();
    let answers: serde_json::Map<_, _> = asks
        .map(|ask| (ask["id"].as_str().unwrap().to_owned(), json!({ "approved": true })))
        .collect();
    let resumed = server.post(&format!("/runs/{run}/resume"), &json!({ "answers": answers })).await;
    assert!(resumed.status().is_success(), "{}", resumed.status());
    resumed.json().await.unwrap()
}

fn run_of(events: &[Value]) -> String {
    events[0]["run_id"].as_str().unwrap().to_owned()
}

fn count(events: &[Value], kind: &str) -> usize {
    events.iter().filter(|event| event["type"] == kind).count()
}

#[tokio::test]
async fn a_question_outlives_the_server_that_asked_it() {
    let data = tempfile::tempdir().unwrap();
    let provider = ScriptedProvider::start().await.unwrap();
    let server = start(data.path(), &provider, &[]);
    renames(&provider, "Refunds");
    let (path, mut events) = ask_to_rename(&server).await;
    let before = events.rest().await;
    assert_eq!(before.last().unwrap()["type"], "interrupt", "{before:?}");
    let run = run_of(&before);
    server.kill();

    let server = start(data.path(), &provider, &[]);
    let waiting = server.get(&format!("/runs/{run}")).await;
    assert_eq!(waiting["status"], "interrupted", "{waiting}");
    assert_eq!(waiting["asks"][0], before.last().unwrap()["ask"]);
    provider.reply(Reply::text("It is done."));
    approve(&server, &run).await;
    let last = before.last().unwrap()["seq"].as_u64().unwrap();
    let after = server.events(&run, last).await.rest().await;
    assert_eq!((count(&after, "reset"), count(&after, "tool_result")), (0, 1), "{after:?}");
    let whole: Vec<Value> = before.into_iter().chain(after).collect();
    assert_eq!(text(&whole), "One moment. It is done.");
    assert_eq!(whole.last().unwrap()["type"], "run_completed");
    let shown = server.get(&path).await;
    assert_eq!(shown["title"], "Refunds");
    assert_eq!(shown["messages"][1]["parts"].as_array().unwrap().len(), 4, "{shown}");
    assert_eq!(provider.requests().len(), 2, "the model was asked once before and once after");
}

/// Kills the server when the tool has been used and the model is answering again; somebody else
/// renames the conversation meanwhile, so that a second use would show.
async fn killed_after_the_tool(more: &[(&str, &str)], approves: bool) {
    let data = tempfile::tempdir().unwrap();
    let provider = ScriptedProvider::start().await.unwrap();
    let server = start(data.path(), &provider, more);
    renames(&provider, "By the model");
    provider.reply(Reply::of([Step::Text("I have ".to_owned()), Step::Stall]));
    let (path, mut events) = ask_to_rename(&server).await;
    let first = events.next().await.unwrap();
    let run = first["run_id"].as_str().unwrap().to_owned();
    if approves {
        events.rest().await;
        approve(&server, &run).await;
        events = server.events(&run, 0).await;
    }
    let mut seen = vec![first];
    while text(&seen) != "One moment. I have " {
        seen.push(events.next().await.unwrap());
    }
    server.patch(&path, &json!({ "title": "By the user" })).await;
    server.kill();

    provider.reply(Reply::text("It is done."));
    let server = start(data.path(), &provider, more);
    let last = seen.last().unwrap()["seq"].as_u64().unwrap();
    let after = server.events(&run, last).await.rest().await;
    assert_eq!(after[0]["type"], "reset", "{after:?}");
    assert_eq!(after.last().unwrap()["type"], "run_completed");
    assert_eq!(text(&after), "One moment. It is done.");
    assert_eq!((count(&after, "tool_result"), count(&after, "interrupt")), (1, 0), "{after:?}");
    let shown = server.get(&path).await;
    assert_eq!(shown["title"], "By the user", "the tool was used once");
    let parts = shown["messages"][1]["parts"].as_array().unwrap();
    let kinds: Vec<_> = parts.iter().map(|part| part["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["text", "tool_call", "tool_result", "text"], "{shown}");
    assert_eq!(provider.requests().len(), 3, "the model is not asked again for what it said");
}

#[tokio::test]
async fn a_tool_that_was_done_is_not_done_again_after_a_kill() {
    killed_after_the_tool(&[("VPAURA__TOOLS__APPROVE", "never")], false).await;
}

#[tokio::test]
async fn what_was_approved_and_done_is_neither_asked_nor_done_again_after_a_kill() {
    killed_after_the_tool(&[], true).await;
}

#[tokio::test]
async fn a_question_of_one_replica_is_answered_at_the_other() {
    let Some(pair) = Pair::start().await else { return };
    renames(&pair.provider, "Refunds");
    let (path, mut events) = ask_to_rename(&pair.first).await;
    let before = events.rest().await;
    let run = run_of(&before);
    let last = before.last().unwrap()["seq"].as_u64().unwrap();
    pair.provider.reply(Reply::text("It is done."));
    assert_eq!(approve(&pair.second, &run).await["status"], "running");
    // Readers at both servers see the rest.
    for server in [&pair.first, &pair.second] {
        let after = server.events(&run, last).await.rest().await;
        assert_eq!(after.last().unwrap()["type"], "run_completed", "{after:?}");
        assert_eq!(text(&after), "It is done.");
    }
    assert_eq!(pair.first.get(&path).await["title"], "Refunds");
}
