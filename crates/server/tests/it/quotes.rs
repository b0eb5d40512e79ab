//! What old answers quote: shown again, whichever way it is read, as long as it is there and the
//! reader may see it.

use http::header::HeaderValue;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use vpaura_llm::{ModelEvent, StopReason};

use crate::app::{Answer, Client, TestApp, at};
use crate::estate::{MARK, join, made, ready, register, workspace};
use crate::files::upload;

/// A collection with one document, and somebody who was answered from it. The document alone has
/// the [`MARK`], in its name, in a heading and in its text.
struct Told {
    app: TestApp,
    /// Owns the installation.
    root: Client,
    /// Owns the workspace and what is in it.
    owner: Client,
    workspace: String,
    member: Client,
    member_id: String,
    collection: String,
    document: String,
    /// What was asked, and under which key.
    question: Value,
    conversation: String,
    run: String,
    fork: String,
    share: String,
}

const KEY: &str = "asked-once";

/// The model looks something up, and cites what the question found and what it found itself.
fn cites(app: &TestApp) {
    let script = app.model.script();
    let name = "search_collections".to_owned();
    script.push(ModelEvent::ToolCallStart { index: 0, id: "c1".to_owned(), name });
    let arguments = json!({ "query": "turns to the sun" }).to_string().into();
    script.push(ModelEvent::ToolCallDelta { index: 0, arguments });
    script.push(ModelEvent::Stop(StopReason::ToolCalls));
    let script = app.model.script();
    script.text("So the papers say [1] [2].");
    script.push(ModelEvent::Citation { passage: 1 });
    script.push(ModelEvent::Citation { passage: 2 });
    script.end();
}

async fn ask(client: &Client, path: &str, question: &Value) -> Answer {
    let mut request = client.json(Method::POST, path, question);
    request.headers_mut().insert("idempotency-key", HeaderValue::from_static(KEY));
    client.send(request).await
}

impl Told {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let (root, _) = register(&app, "root@example.org", None).await;
        let workspace = workspace(&root, "Garden").await;
        let (owner, _) = join(&app, &root, &workspace, "owner", "owner").await;
        let (member, member_id) = join(&app, &root, &workspace, "member", "member").await;
        let collection = made(owner.post("/collections", json!({ "name": "Facts" })).await);
        let collection = at(&collection, "/id").to_owned();
        let documents = format!("/collections/{collection}/documents");
        let text = format!("# The {MARK}\n\nThe {MARK} turns to the sun.");
        let document = json!({ "name": format!("{MARK}.md"), "text": text });
        let document = made(owner.post(&documents, document).await);
        let document = at(&document, "/id").to_owned();
        ready(&owner, &format!("{documents}/{document}")).await;
        let settings = json!({ "collections": [collection] });
        let chatbot = json!({ "name": "Desk", "visibility": "workspace", "settings": settings });
        let chatbot = made(owner.post("/chatbots", chatbot).await);

        cites(&app);
        let question = "What is it that turns to the sun?";
        let question = json!({ "message": question, "chatbot_id": at(&chatbot, "/id") });
        let turn = made(ask(&member, "/chat/message", &question).await);
        assert_eq!(turn["citations"].as_array().map(Vec::len), Some(2), "{turn:#}");
        let (conversation, run) = (at(&turn, "/conversation_id"), at(&turn, "/run_id"));
        let path = format!("/conversations/{conversation}");
        let fork = json!({ "message_id": at(&turn, "/message_id") });
        let fork = made(member.post(&format!("{path}/fork"), fork).await);
        let share = made(member.post(&format!("{path}/share"), json!({})).await);
        let (conversation, run) = (conversation.to_owned(), run.to_owned());
        let (fork, share) = (at(&fork, "/id").to_owned(), at(&share, "/token").to_owned());
        Self {
            app,
            root,
            owner,
            workspace,
            member,
            member_id,
            collection,
            document,
            question,
            conversation,
            run,
            fork,
            share,
        }
    }

    /// Every way to read the answer again.
    async fn ways(&self) -> Vec<(&'static str, String)> {
        let Self { conversation, run, fork, share, member, member_id, question, .. } = self;
        let mut ways = Vec::new();
        for (name, path) in [
            ("conversation", format!("/conversations/{conversation}")),
            ("messages", format!("/conversations/{conversation}/messages")),
            ("fork", format!("/conversations/{fork}")),
            ("export", format!("/conversations/{conversation}/export")),
            ("markdown", format!("/conversations/{conversation}/export?format=markdown")),
            ("log", format!("/runs/{run}/events")),
            ("rest of the log", format!("/runs/{run}/events?after=12")),
            ("export of all", format!("/users/{member_id}/export")),
        ] {
            ways.push((name, member.get(&path).await));
        }
        ways.push(("share", self.app.stranger().get(&format!("/shared/{share}")).await));
        ways.push(("answer asked again", ask(member, "/chat/message", question).await));
        ways.push(("stream asked again", ask(member, "/chat", question).await));
        let read = ways.into_iter().map(|(name, answer)| {
            assert_eq!(answer.status, StatusCode::OK, "{name}: {answer}");
            (name, answer.text().to_owned())
        });
        read.collect()
    }

    async fn quoted_everywhere(&self) -> Vec<(&'static str, String)> {
        let ways = self.ways().await;
        for (name, body) in &ways {
            assert!(body.contains(MARK), "not in the {name}: {body}");
        }
        ways
    }

    async fn quoted_nowhere(&self) {
        for (name, body) in self.ways().await {
            assert!(!body.contains(MARK), "in the {name}: {body}");
            assert!(body.contains("So the papers say"), "the {name}: {body}");
        }
    }

    async fn make(&self, visibility: &str) {
        let path = format!("/collections/{}", self.collection);
        made(self.owner.patch(&path, json!({ "visibility": visibility })).await);
    }

    /// What is left of the answer: its parts, one a line.
    async fn parts(&self) -> String {
        let path = format!("/conversations/{}", self.conversation);
        let opened = self.member.get(&path).await.json();
        let parts = opened["messages"][1]["parts"].as_array().expect("parts");
        parts.iter().map(|part| format!("{part}\n")).collect()
    }
}

#[tokio::test]
async fn what_is_hidden_is_quoted_nowhere_until_it_is_shown_again() {
    let told = Told::start().await;
    let before = told.quoted_everywhere().await;
    told.make("private").await;
    told.quoted_nowhere().await;
    insta::assert_snapshot!(told.parts().await, @r#"
    {"arguments":"{\"query\":\"turns to the sun\"}","id":"c1","name":"search_collections","type":"tool_call"}
    {"gone":true,"id":"c1","is_error":false,"output":"","type":"tool_result"}
    {"text":"So the papers say [1] [2].","type":"text"}
    {"document":"","end":0,"gone":true,"index":1,"line_end":0,"line_start":0,"quote":"","start":0,"type":"citation"}
    {"document":"","end":0,"gone":true,"index":2,"line_end":0,"line_start":0,"quote":"","start":0,"type":"citation"}
    "#);
    // Nothing is lost.
    told.make("workspace").await;
    assert_eq!(told.quoted_everywhere().await, before);
    // What is turned off is there.
    let document = format!("/collections/{}/documents/{}", told.collection, told.document);
    made(told.owner.patch(&document, json!({ "enabled": false })).await);
    told.quoted_everywhere().await;
}

#[tokio::test]
async fn a_deleted_document_is_quoted_nowhere() {
    let told = Told::start().await;
    let document = format!("/collections/{}/documents/{}", told.collection, told.document);
    assert_eq!(told.owner.delete(&document).await.status, StatusCode::NO_CONTENT);
    told.quoted_nowhere().await;
    let markdown = format!("/conversations/{}/export?format=markdown", told.conversation);
    insta::assert_snapshot!(told.member.get(&markdown).await, @r#"
    200 # What is it that turns to the sun?

    ## You

    *2026-01-01T00:00:00.000Z*

    What is it that turns to the sun?

    ## Assistant

    *2026-01-01T00:00:00.000Z*

    - Tool call: `search_collections` `{"query":"turns to the sun"}`

    - Tool result: *Not here any more, or not open to you.*

    So the papers say [1] [2].

    [1] *Not here any more, or not open to you.*
    [2] *Not here any more, or not open to you.*
    "#);
}

#[tokio::test]
async fn a_deleted_collection_is_quoted_nowhere() {
    let told = Told::start().await;
    let collection = format!("/collections/{}", told.collection);
    assert_eq!(told.owner.delete(&collection).await.status, StatusCode::NO_CONTENT);
    told.quoted_nowhere().await;
}

#[tokio::test]
async fn each_reader_sees_what_is_theirs_to_see() {
    let told = Told::start().await;
    // A key that sees all conversations, and no more collections than its maker.
    let (maker, _) = join(&told.app, &told.root, &told.workspace, "owner", "maker").await;
    let key = json!({ "name": "All chats", "permissions": ["chat:read", "others:act"] });
    let key = made(maker.post(&format!("/workspaces/{}/api-keys", told.workspace), key).await);
    let key = told.app.stranger().with_header("x-api-key", at(&key, "/key"));
    let path = format!("/conversations/{}", told.conversation);
    assert!(key.get(&path).await.text().contains(MARK));
    told.make("private").await;
    let grants = json!({ "items": [{ "grantee": { "user": told.member_id }, "access": "use" }] });
    made(told.owner.put(&format!("/collections/{}/grants", told.collection), grants).await);
    told.quoted_everywhere().await;
    for path in [path, format!("/runs/{}/events", told.run)] {
        let seen = key.get(&path).await;
        assert!(seen.status == StatusCode::OK && !seen.text().contains(MARK), "{seen}");
    }
}

#[tokio::test]
async fn who_has_left_the_workspace_takes_no_quotes_along() {
    let told = Told::start().await;
    let member = format!("/workspaces/{}/members/{}", told.workspace, told.member_id);
    assert_eq!(told.owner.delete(&member).await.status, StatusCode::NO_CONTENT);
    let export = told.root.get(&format!("/users/{}/export", told.member_id)).await;
    assert!(export.text().contains("So the papers say"), "{export}");
    assert!(!export.text().contains(MARK), "{export}");
}

#[tokio::test]
async fn a_deleted_file_is_quoted_nowhere() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let text = format!("The {MARK} turns to the sun.");
    let file = made(upload(&visitor, "notes.txt", &text).await);
    let script = app.model.script();
    script.text("So it is noted [1].");
    script.push(ModelEvent::Citation { passage: 1 });
    script.end();
    let file = at(&file, "/file_id");
    let question = json!({ "message": "What turns to the sun?", "file_ids": [file] });
    let turn = made(visitor.post("/chat/message", question).await);
    let conversation = format!("/conversations/{}", at(&turn, "/conversation_id"));
    let share = made(visitor.post(&format!("{conversation}/share"), json!({})).await);
    let log = format!("/runs/{}/events", at(&turn, "/run_id"));
    let share = format!("/shared/{}", at(&share, "/token"));
    let stranger = app.stranger();
    let ways = [(&visitor, &conversation), (&visitor, &log), (&stranger, &share)];
    for (client, path) in ways {
        let seen = client.get(path).await;
        assert!(seen.status == StatusCode::OK && seen.text().contains(MARK), "{seen}");
    }
    assert_eq!(visitor.delete(&format!("/files/{file}")).await.status, StatusCode::NO_CONTENT);
    for (client, path) in ways {
        let seen = client.get(path).await;
        assert!(seen.text().contains("So it is noted"), "{seen}");
        assert!(!seen.text().contains(MARK), "{seen}");
    }
}
