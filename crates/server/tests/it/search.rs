//! Searching collections over HTTP, and opening what answers cite.

use http::StatusCode;
use serde_json::{Value, json};

use crate::app::{Client, TestApp, at};
use crate::estate::{Estate, MARK, made, ready};

const POLICY: &str = "# Refunds\n\nCustomers in the EU get 85 percent back within 30 days.\n";

/// A collection for the whole workspace with this document; the ids of both.
async fn filled(client: &Client, name: &str, text: &str, metadata: Value) -> (String, String) {
    let collection = made(client.post("/collections", json!({ "name": name })).await);
    let path = format!("/collections/{}", at(&collection, "/id"));
    let document = json!({ "name": format!("{name}.md"), "text": text, "metadata": metadata });
    let document = made(client.post(&format!("{path}/documents"), document).await);
    let path = format!("{path}/documents/{}", at(&document, "/id"));
    ready(client, &path).await;
    (at(&collection, "/id").to_owned(), at(&document, "/id").to_owned())
}

#[tokio::test]
async fn a_search_says_what_it_found_and_how() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let (policy, _) = filled(&operator, "policy", POLICY, json!({ "year": 2024 })).await;
    filled(&operator, "other", "The refunds of the other.", json!({ "year": 2020 })).await;
    let path = format!("/collections/{policy}/search");
    let found = made(operator.post(&path, json!({ "query": "EU refunds" })).await);
    let hit = &found["hits"][0];
    assert_eq!(hit["document"]["name"], "policy.md");
    assert_eq!(hit["chunk"]["headings"], json!(["Refunds"]));
    assert!(hit["scores"]["bm25"].as_f64().is_some_and(|score| score > 0.0), "{hit}");
    assert_eq!(hit["scores"]["vector"], Value::Null);
    assert!(found["took_ms"].as_f64().is_some_and(|ms| ms > 0.0), "{found}");
    assert_eq!((&found["embedder"], &found["reranker"]), (&Value::Null, &Value::Null));
    assert_eq!(found["notice"], Value::Null);
    assert!(found["terms"].as_array().is_some_and(|terms| !terms.is_empty()), "{found}");

    let all = made(operator.post("/search", json!({ "query": "refunds" })).await);
    assert_eq!(all["hits"].as_array().map(Vec::len), Some(2), "{all:#}");
    let some = json!({ "query": "refunds", "filter": { "year": { "gte": 2022 } }, "limit": 1 });
    let some = made(operator.post("/search", some).await);
    assert_eq!(at(&some, "/hits/0/document/name"), "policy.md");
    let named = json!({ "query": "refunds", "collection_ids": [policy] });
    let named = made(operator.post("/search", named).await);
    assert_eq!(named["hits"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_bad_search_is_refused_by_its_field() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let (policy, _) = filled(&operator, "policy", POLICY, json!({})).await;
    let path = format!("/collections/{policy}/search");
    for (body, field) in [
        (json!({ "query": " " }), "query"),
        (json!({ "query": "a", "limit": 51 }), "limit"),
        (json!({ "query": "a", "filter": { "k": { "gt": 1 } } }), "filter.k"),
    ] {
        let refused = operator.post(&path, body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
        assert_eq!(at(&refused.json(), "/error/details/field"), field);
    }
    let unknown = operator.post(&path, json!({ "query": "a", "mode": "fast" })).await;
    assert!(unknown.status.is_client_error(), "{unknown}");
    let body = json!({ "query": "a", "collection_ids": [] });
    let refused = operator.post("/search", body).await;
    assert_eq!(at(&refused.json(), "/error/details/field"), "collection_ids");
    let nowhere = "/collections/00000000-0000-7000-8000-000000000000/search";
    let missing = operator.post(nowhere, json!({ "query": "a" })).await;
    assert_eq!(at(&missing.json(), "/error/code"), "COLLECTION_NOT_FOUND");
}

#[tokio::test]
async fn nobody_is_told_of_what_is_anothers() {
    let estate = Estate::build(TestApp::start().await).await;
    let query = json!({ "query": "Where does it turn to the sun?" });
    let own = estate.owner.post("/search", query.clone()).await;
    assert!(String::from_utf8_lossy(&own.body).contains(MARK), "{own}");
    for (name, client) in
        [("other", &estate.other), ("viewer", &estate.viewer), ("stranger", &estate.stranger)]
    {
        let answer = client.post("/search", query.clone()).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}: {answer}");
        assert_eq!(answer.json()["hits"], json!([]), "{name}");
        assert!(!String::from_utf8_lossy(&answer.body).contains(MARK), "{name}: {answer}");
        let path = format!("/collections/{}/search", estate.things.collection);
        assert_eq!(client.post(&path, query.clone()).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_citation_opens_its_document_while_it_is_there() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let (policy, document) = filled(&operator, "policy", POLICY, json!({})).await;
    let settings = json!({ "model": "builtin/extractive", "collections": [policy] });
    let chatbot = json!({ "name": "Desk", "settings": settings });
    let chatbot = made(operator.post("/chatbots", chatbot).await);
    let visitor = app.visitor().await;
    let question = "How much do EU customers get back?";
    let question = json!({ "message": question, "chatbot_id": at(&chatbot, "/id") });
    let turn = made(visitor.post("/chat/message", question).await);
    let message = at(&turn, "/message_id").to_owned();
    let path = format!("/messages/{message}/citations/1");
    let opened = made(visitor.get(&path).await);
    assert_eq!(opened["citation"]["document_id"], json!(document));
    let text: Vec<char> = at(&opened, "/text").chars().collect();
    let place = |end: &str| opened["citation"][end].as_u64().unwrap_or_default() as usize;
    let span: String = text[place("start")..place("end")].iter().collect();
    assert_eq!(span, at(&opened, "/citation/quote"));
    assert!(span.contains("85 percent"), "{span}");
    assert_eq!((&opened["original"], &opened["format"]), (&json!(true), &json!("markdown")));
    let original = visitor.get(&format!("{path}/content")).await;
    assert_eq!(original.body, POLICY.as_bytes(), "{original}");
    assert_eq!(visitor.get(&format!("{path}/pages/1")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        visitor.get(&format!("/messages/{message}/citations/9")).await.status,
        StatusCode::NOT_FOUND
    );
    // Another visitor, and then nobody: the collection is hidden from visitors.
    let other = app.visitor().await;
    assert_eq!(other.get(&path).await.status, StatusCode::NOT_FOUND);
    let hidden = json!({ "visibility": "private" });
    made(operator.patch(&format!("/collections/{policy}"), hidden).await);
    for path in [path.clone(), format!("{path}/content")] {
        assert_eq!(visitor.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    made(
        operator
            .patch(&format!("/collections/{policy}"), json!({ "visibility": "workspace" }))
            .await,
    );
    made(visitor.get(&path).await);
    let deleted = operator.delete(&format!("/collections/{policy}/documents/{document}")).await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT, "{deleted}");
    assert_eq!(visitor.get(&path).await.status, StatusCode::NOT_FOUND);
}
