//! `/collections`, their documents and chunks.

use std::path::Path;

use http::StatusCode;
use serde_json::{Value, json};

use crate::app::{Answer, Client, NOBODY, TestApp, at};
use crate::estate::{made, ready};
use crate::files::{field, file, form, form_of_bytes, send_to, upload, upload_to};

const POLICY: &str = "# Refunds\n\nCustomers in the EU get 85 percent back within 30 days.\n\n\
    # Opening hours\n\nWe are open from nine to five.\n";

/// An empty collection; its path.
async fn collection(client: &Client) -> String {
    let created = made(client.post("/collections", json!({ "name": "Handbook" })).await);
    format!("/collections/{}", at(&created, "/id"))
}

/// A document of this text that is ready; its path.
async fn document(client: &Client, collection: &str, text: &str) -> String {
    let documents = format!("{collection}/documents");
    let added = client.post(&documents, json!({ "text": text })).await;
    assert_eq!(added.status, StatusCode::ACCEPTED, "{added}");
    let path = format!("{documents}/{}", at(&added.json(), "/id"));
    ready(client, &path).await;
    path
}

/// The document once nobody works on it.
async fn settled(client: &Client, path: &str) -> Value {
    loop {
        let document = made(client.get(path).await);
        match at(&document, "/status") {
            "ready" | "failed" => return document,
            _ => tokio::task::yield_now().await,
        }
    }
}

async fn chunks(client: &Client, document: &str) -> Vec<Value> {
    let listing = made(client.get(&format!("{document}/chunks")).await);
    listing["items"].as_array().expect("items").clone()
}

#[tokio::test]
async fn a_collection_is_made_changed_shared_and_deleted() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let body = json!({ "name": " Handbook ", "chunking": { "max_tokens": 128 } });
    let created = operator.post("/collections", body).await;
    insta::assert_snapshot!(created, @r#"201 {"id":"01900000-0000-7000-8000-000000000003","name":"Handbook","description":null,"visibility":"workspace","chunking":{"max_tokens":128,"overlap_tokens":32},"documents_total":0,"documents_ready":0,"documents_failed":0,"chunks":0,"embedding":{"serving":null,"building":null,"built_chunks":0,"error":null},"created_by":null,"created_at":"2026-01-01T00:00:00.000Z","updated_at":"2026-01-01T00:00:00.000Z"}"#);
    let path = format!("/collections/{}", at(&created.json(), "/id"));
    let renamed = made(operator.patch(&path, json!({ "name": "Manual" })).await);
    assert_eq!(renamed["name"], "Manual");
    let found = made(operator.get("/collections?query=manu").await);
    assert_eq!(found["items"][0]["name"], "Manual");
    let none = made(operator.get("/collections?query=handbook").await);
    assert_eq!(none["items"], json!([]));
    let grants = json!({ "items": [{ "grantee": { "role": "viewer" }, "access": "use" }] });
    let shared = made(operator.put(&format!("{path}/grants"), grants.clone()).await);
    assert_eq!(shared, grants);
    assert_eq!(made(operator.get(&format!("{path}/grants")).await), grants);
    document(&operator, &path, POLICY).await;
    assert_eq!(operator.delete(&path).await.status, StatusCode::NO_CONTENT);
    for gone in [path.clone(), format!("{path}/documents"), format!("{path}/grants")] {
        assert_eq!(operator.get(&gone).await.error(), "404 COLLECTION_NOT_FOUND", "{gone}");
    }
}

#[tokio::test]
async fn what_a_collection_cannot_be_is_refused_by_field() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let path = collection(&operator).await;
    for (body, field) in [
        (json!({}), "name"),
        (json!({ "name": " " }), "name"),
        (json!({ "name": "x".repeat(201) }), "name"),
        (json!({ "name": "a", "description": "x".repeat(2_001) }), "description"),
        (json!({ "name": "a", "chunking": { "max_tokens": 63 } }), "chunking.max_tokens"),
        (
            json!({ "name": "a", "chunking": { "max_tokens": 64, "overlap_tokens": 33 } }),
            "chunking.overlap_tokens",
        ),
        (json!({ "name": "a", "colour": "red" }), "colour"),
    ] {
        let refused = operator.post("/collections", body.clone()).await;
        assert_eq!(refused.error(), format!("422 VALIDATION_ERROR {field}"), "{body}");
    }
    assert_eq!(operator.patch(&path, json!({})).await.error(), "422 VALIDATION_ERROR");
    let documents = format!("{path}/documents");
    for (body, wanted) in [
        (json!({}), "422 VALIDATION_ERROR"),
        (json!({ "text": "a", "url": "https://example.org" }), "422 VALIDATION_ERROR"),
        (json!({ "text": " \n" }), "422 VALIDATION_ERROR text"),
        (json!({ "url": "ftp://example.org" }), "422 VALIDATION_ERROR url"),
        (json!({ "url": "https://user:word@example.org" }), "422 VALIDATION_ERROR url"),
        (json!({ "file_id": NOBODY }), "404 FILE_NOT_FOUND"),
        (json!({ "text": "a", "name": "\u{202E}" }), "422 VALIDATION_ERROR name"),
        (json!({ "text": "a", "name": "漢".repeat(86) }), "422 VALIDATION_ERROR name"),
        (json!({ "text": "a", "metadata": [] }), "422 VALIDATION_ERROR metadata"),
    ] {
        let refused = operator.post(&documents, body.clone()).await;
        assert_eq!(refused.error(), wanted, "{body}");
    }
    let listed = made(operator.get(&documents).await);
    assert_eq!(listed["items"], json!([]));
    let nowhere = format!("/collections/{NOBODY}/documents");
    let refused = operator.post(&nowhere, json!({ "text": "a" })).await;
    assert_eq!(refused.error(), "404 COLLECTION_NOT_FOUND");
}

#[tokio::test]
async fn a_text_is_read_cut_shown_and_deleted() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let collection = collection(&operator).await;
    let documents = format!("{collection}/documents");
    let body = json!({ "text": POLICY, "metadata": { "year": 2026 } });
    let added = operator.post(&documents, body).await;
    assert_eq!(added.status, StatusCode::ACCEPTED, "{added}");
    assert_eq!(added.json()["status"], "pending", "{added}");
    let path = format!("{documents}/{}", at(&added.json(), "/id"));
    let document = ready(&operator, &path).await;
    assert_eq!(
        (&document["name"], &document["metadata"], &document["chars"]),
        (&json!("Refunds"), &json!({ "year": 2026 }), &json!(POLICY.trim_end().chars().count()))
    );
    let counted = made(operator.get(&collection).await);
    assert_eq!((&counted["documents_total"], &counted["documents_ready"]), (&json!(1), &json!(1)));
    assert_eq!(counted["chunks"], document["chunks"]);

    let text = made(operator.get(&format!("{path}/text")).await);
    assert_eq!(text, json!({ "text": POLICY.trim_end(), "pages": [], "format": "markdown" }));
    let characters: Vec<char> = POLICY.chars().collect();
    let chunks = chunks(&operator, &path).await;
    assert_eq!(document["chunks"], chunks.len());
    for chunk in &chunks {
        let place = |name: &str| chunk["span"][name].as_u64().expect("a place") as usize;
        let span: String = characters[place("start")..place("end")].iter().collect();
        assert_eq!(at(chunk, "/text"), span);
    }
    let content = operator.get(&format!("{path}/content")).await;
    assert_eq!(content.body, POLICY.as_bytes());
    assert_eq!(
        content.header("content-disposition"),
        Some("attachment; filename=\"Refunds\"; filename*=UTF-8''Refunds")
    );
    let page = operator.get(&format!("{path}/pages/1")).await;
    assert_eq!(page.error(), "404 NOT_FOUND");

    assert_eq!(operator.delete(&path).await.status, StatusCode::NO_CONTENT);
    for gone in ["", "/text", "/content", "/chunks", "/pages/1"] {
        let answer = operator.get(&format!("{path}{gone}")).await;
        assert_eq!(answer.error(), "404 DOCUMENT_NOT_FOUND", "{gone}");
    }
    assert_eq!(operator.delete(&path).await.error(), "404 DOCUMENT_NOT_FOUND");
    let counted = made(operator.get(&collection).await);
    assert_eq!((&counted["documents_total"], &counted["chunks"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn the_same_upload_is_in_a_collection_once() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let collection = collection(&operator).await;
    let path = format!("{collection}/documents/upload");
    let parts = [
        file("policy.md", POLICY),
        field("name", "Our policy"),
        field("metadata", "{\"year\":2026}"),
    ];
    let first = send_to(&operator, &path, form(&parts)).await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{first}");
    let first = first.json();
    assert_eq!(
        (&first["name"], &first["media_type"], &first["metadata"]["year"]),
        (&json!("Our policy"), &json!("text/markdown"), &json!(2026))
    );
    let again = upload_to(&operator, &path, "copy.md", POLICY).await;
    assert_eq!((again.status, &again.json()["id"]), (StatusCode::OK, &first["id"]));
    let hash = at(&first, "/sha256");
    let listed = made(operator.get(&format!("{collection}/documents?sha256={hash}")).await);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    // An upload of the chat shares its content, and each outlives the other.
    let uploaded = made(upload(&operator, "policy.md", POLICY).await);
    let id = at(&uploaded, "/file_id");
    let shared = json!({ "file_id": id });
    let shared = made(operator.post(&format!("{collection}/documents"), shared).await);
    assert_eq!(operator.delete(&format!("/files/{id}")).await.status, StatusCode::NO_CONTENT);
    let shared = format!("{collection}/documents/{}", at(&shared, "/id"));
    ready(&operator, &shared).await;
    assert_eq!(operator.get(&format!("{shared}/content")).await.body, POLICY.as_bytes());
}

#[tokio::test]
async fn forms_of_documents_that_are_none_are_refused_by_field() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let collection = collection(&operator).await;
    let path = format!("{collection}/documents/upload");
    let good = file("a.txt", "words");
    for (parts, wanted) in [
        (vec![], "422 VALIDATION_ERROR file"),
        (vec![field("name", "a")], "422 VALIDATION_ERROR file"),
        (vec![file("a.txt", "")], "422 VALIDATION_ERROR file"),
        (vec![good.clone(), good.clone()], "422 VALIDATION_ERROR file"),
        (vec![good.clone(), field("colour", "red")], "422 VALIDATION_ERROR colour"),
        (vec![good.clone(), field("name", " ")], "422 VALIDATION_ERROR name"),
        (vec![good.clone(), field("metadata", "[]")], "422 VALIDATION_ERROR metadata"),
        (vec![field("metadata", "{"), good.clone()], "422 VALIDATION_ERROR metadata"),
        (vec![file("a.exe", "MZ\0\0")], "415 UNSUPPORTED_FILE_TYPE"),
    ] {
        let answer = send_to(&operator, &path, form(&parts)).await;
        assert_eq!(answer.error(), wanted, "{parts:?}");
    }
    let listed = made(operator.get(&format!("{collection}/documents")).await);
    assert_eq!(listed["items"], json!([]));
}

#[tokio::test]
async fn one_bad_document_fails_alone_and_says_why() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let collection = collection(&operator).await;
    let path = format!("{collection}/documents/upload");
    let bad = made(upload_to(&operator, &path, "cut.pdf", "%PDF-1.7\nnothing more").await);
    let good = made(upload_to(&operator, &path, "good.txt", "Quokkas smile.").await);
    let documents = format!("{collection}/documents");
    let bad = settled(&operator, &format!("{documents}/{}", at(&bad, "/id"))).await;
    assert_eq!(bad["status"], "failed", "{bad}");
    assert!(at(&bad, "/error").contains("damaged"), "{bad}");
    ready(&operator, &format!("{documents}/{}", at(&good, "/id"))).await;
    let counted = made(operator.get(&collection).await);
    assert_eq!((&counted["documents_ready"], &counted["documents_failed"]), (&json!(1), &json!(1)));
    let failed = made(operator.get(&format!("{documents}?status=failed")).await);
    assert_eq!(failed["items"][0]["id"], bad["id"]);
    let text = operator.get(&format!("{documents}/{}/text", at(&bad, "/id"))).await;
    assert_eq!(text.error(), "422 FILE_UNREADABLE");
    // An address of a private network is not fetched.
    let inside = json!({ "url": "http://127.0.0.1:9/secret" });
    let inside = made(operator.post(&documents, inside).await);
    let inside = settled(&operator, &format!("{documents}/{}", at(&inside, "/id"))).await;
    assert!(at(&inside, "/error").contains("not a public one"), "{inside}");
}

#[tokio::test]
async fn a_document_that_was_read_in_part_says_so() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let collection = collection(&operator).await;
    let pdf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../knowledge/tests/fixtures/partly.pdf");
    let form = form_of_bytes("partly.pdf", &std::fs::read(pdf).expect("a file"));
    let path = format!("{collection}/documents");
    let partly = made(send_to(&operator, &format!("{path}/upload"), form.clone()).await);
    let whole = made(upload_to(&operator, &format!("{path}/upload"), "a.txt", "Quokkas.").await);
    let partly = settled(&operator, &format!("{path}/{}", at(&partly, "/id"))).await;
    let told = "1 of 3 pages (2) has no text: it is probably a scanned picture.";
    assert_eq!((&partly["status"], &partly["error"]), (&json!("ready"), &json!(null)));
    assert!(at(&partly, "/notice").starts_with(told), "{partly}");
    let whole = settled(&operator, &format!("{path}/{}", at(&whole, "/id"))).await;
    assert_eq!(whole["notice"], json!(null), "{whole}");
    let upload = made(send_to(&operator, "/files/upload", form).await);
    assert!(at(&upload, "/notice").starts_with(told), "{upload}");
}

#[tokio::test]
async fn chunks_are_corrected_switched_off_and_made_anew() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let collection = collection(&operator).await;
    let document = document(&operator, &collection, POLICY).await;
    let first = chunks(&operator, &document).await.remove(0);
    let path = format!("{collection}/chunks/{}", at(&first, "/id"));
    let off = made(operator.patch(&path, json!({ "enabled": false })).await);
    assert_eq!((&off["enabled"], &off["text"]), (&json!(false), &first["text"]));
    let body = json!({ "text": "Customers get 90 percent back.", "enabled": true });
    let edited = made(operator.patch(&path, body).await);
    assert_eq!(
        (&edited["text"], &edited["edited"], &edited["enabled"], &edited["id"]),
        (&json!("Customers get 90 percent back."), &json!(true), &json!(true), &first["id"])
    );
    for (body, wanted) in [
        (json!({}), "422 VALIDATION_ERROR"),
        (json!({ "text": " " }), "422 VALIDATION_ERROR text"),
        (json!({ "text": "x".repeat(16_001) }), "422 VALIDATION_ERROR text"),
        (json!({ "text": null }), "422 VALIDATION_ERROR text"),
    ] {
        assert_eq!(operator.patch(&path, body.clone()).await.error(), wanted, "{body}");
    }
    let nothing = format!("{collection}/chunks/{NOBODY}");
    let refused = operator.patch(&nothing, json!({ "enabled": true })).await;
    assert_eq!(refused.error(), "404 CHUNK_NOT_FOUND");

    let again = operator.post(&format!("{document}/reindex"), json!({})).await;
    assert_eq!(again.status, StatusCode::ACCEPTED, "{again}");
    ready(&operator, &document).await;
    let anew = chunks(&operator, &document).await.remove(0);
    assert_eq!((&anew["text"], &anew["edited"]), (&first["text"], &json!(false)));
    let gone = operator.patch(&path, json!({ "enabled": true })).await;
    assert_eq!(gone.error(), "404 CHUNK_NOT_FOUND");

    let edited = format!("{collection}/chunks/{}", anew["id"].as_str().expect("an id"));
    operator.patch(&edited, json!({ "text": "Other words." })).await;
    let all = operator.post(&format!("{collection}/reindex"), json!({})).await;
    assert_eq!(all.status, StatusCode::ACCEPTED, "{all}");
    ready(&operator, &document).await;
    let anew = chunks(&operator, &document).await.remove(0);
    assert_eq!((&anew["text"], &anew["edited"]), (&first["text"], &json!(false)));
}

#[tokio::test]
async fn a_document_is_renamed_and_switched_off() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let collection = collection(&operator).await;
    let path = document(&operator, &collection, POLICY).await;
    let body = json!({ "name": "Policy", "metadata": { "a": 1 }, "enabled": false });
    let changed = made(operator.patch(&path, body).await);
    assert_eq!(
        (&changed["name"], &changed["metadata"], &changed["enabled"]),
        (&json!("Policy"), &json!({ "a": 1 }), &json!(false))
    );
    assert_eq!(operator.patch(&path, json!({})).await.error(), "422 VALIDATION_ERROR");
}

#[tokio::test]
async fn a_repeated_request_adds_one_document() {
    let app = TestApp::start().await;
    let operator = app.operator();
    let collection = collection(&operator).await;
    let path = format!("{collection}/documents");
    let post = async |text: &str| -> Answer {
        let mut request = operator.json(http::Method::POST, &path, &json!({ "text": text }));
        request.headers_mut().insert("idempotency-key", http::HeaderValue::from_static("once"));
        operator.send(request).await
    };
    let first = made(post("words").await);
    assert_eq!(made(post("words").await)["id"], first["id"]);
    assert_eq!(post("other").await.error(), "409 CONFLICT");
}
