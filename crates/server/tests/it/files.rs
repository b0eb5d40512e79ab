//! `/files`.

use axum::body::{Body, Bytes};
use futures_util::stream;
use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::app::{Answer, Client, NOBODY, TestApp, at};

const KIND: &str = "multipart/form-data; boundary=x";

/// Uploads `content` as the file `name`.
pub async fn upload(client: &Client, name: &str, content: &str) -> Answer {
    send(client, form(&[file(name, content)])).await
}

/// Uploads it to another address than that of files.
pub async fn upload_to(client: &Client, path: &str, name: &str, content: &str) -> Answer {
    send_to(client, path, form(&[file(name, content)])).await
}

pub fn file(name: &str, content: &str) -> String {
    format!("Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{content}")
}

pub fn field(name: &str, content: &str) -> String {
    format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\n{content}")
}

pub fn form(parts: &[String]) -> String {
    let parts = parts.iter().map(|part| format!("--x\r\n{part}\r\n"));
    parts.chain(["--x--\r\n".to_owned()]).collect()
}

async fn send(client: &Client, body: impl Into<Body>) -> Answer {
    send_to(client, "/files/upload", body).await
}

/// A form of one file, whatever its bytes.
pub fn form_of_bytes(name: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("--x\r\n{}", file(name, ""));
    [head.as_bytes(), content, b"\r\n--x--\r\n"].concat()
}

/// Posts a form.
pub async fn send_to(client: &Client, path: &str, body: impl Into<Body>) -> Answer {
    let request = client.request(Method::POST, path).header(CONTENT_TYPE, KIND);
    client.send(request.body(body.into()).expect("a request")).await
}

#[tokio::test]
async fn a_file_is_uploaded_read_and_deleted() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let uploaded = upload(&visitor, "notes.md", "# Notes\n\nÜber all.").await;
    insta::assert_snapshot!(uploaded, @r##"201 {"file_id":"01900000-0000-7000-8000-000000000007","extracted_text":"# Notes\n\nÜber all.","notice":null,"id":"01900000-0000-7000-8000-000000000007","session_id":"01900000-0000-7000-8000-000000000003","user_id":null,"name":"notes.md","media_type":"text/markdown","size":19,"sha256":"0b875df024688669c84be4dadb12147a3e692572d74099ec62bca00cd19387f7","status":"ready","text_chars":18,"created_at":"2026-01-01T00:00:00.000Z"}"##);
    let path = format!("/files/{}", at(&uploaded.json(), "/file_id"));
    let record = visitor.get(&path).await.json();
    assert_eq!(record["name"], "notes.md");
    let text = visitor.get(&format!("{path}/text")).await.json();
    assert_eq!(text["text"], "# Notes\n\nÜber all.");
    let content = visitor.get(&format!("{path}/content")).await;
    assert_eq!(content.body, "# Notes\n\nÜber all.".as_bytes());
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-length", "19"),
        ("content-disposition", "attachment; filename=\"notes.md\"; filename*=UTF-8''notes.md"),
        ("content-security-policy", "sandbox"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(content.header(name), Some(value), "{name}");
    }
    assert_eq!(visitor.delete(&path).await.status, StatusCode::NO_CONTENT);
    for path in [&path, &format!("{path}/content"), &format!("{path}/text")] {
        assert_eq!(visitor.get(path).await.error(), "404 FILE_NOT_FOUND");
    }
    assert_eq!(visitor.delete(&path).await.error(), "404 FILE_NOT_FOUND");
}

#[tokio::test]
async fn a_file_goes_with_a_message() {
    let app = TestApp::start().await;
    let stranger = app.stranger();
    let uploaded = upload(&stranger, "facts.txt", "Quokkas smile.").await;
    let visitor = stranger.with_cookie(&uploaded.cookie().expect("a session is made"));
    let id = uploaded.json()["file_id"].clone();
    let body = json!({ "message": "What do quokkas do?", "file_ids": [id] });
    let answer = visitor.post("/chat/message", body).await.json();
    let opened = visitor.get(&format!("/conversations/{}", at(&answer, "/conversation_id"))).await;
    assert_eq!(opened.json()["messages"][0]["parts"][0]["file_id"], id);
    let asked = app.asked();
    assert!(asked.iter().any(|text| text.contains("Quokkas smile.")), "{asked:?}");
}

#[tokio::test]
async fn forms_that_are_none_are_refused_by_field() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let own = visitor.get("/sessions/current").await.json();
    let own = field("session_id", at(&own, "/id"));
    let good = file("a.txt", "words");
    for (parts, wanted) in [
        (vec![], "422 VALIDATION_ERROR file"),
        (vec![own.clone()], "422 VALIDATION_ERROR file"),
        (vec![file("a.txt", "")], "422 VALIDATION_ERROR file"),
        (vec![good.clone(), good.clone()], "422 VALIDATION_ERROR file"),
        (vec![field("colour", "red"), good.clone()], "422 VALIDATION_ERROR colour"),
        (vec![good.clone(), field("colour", "red")], "422 VALIDATION_ERROR colour"),
        (vec![own.clone(), own.clone(), good.clone()], "422 VALIDATION_ERROR session_id"),
        (vec![own.clone(), good.clone(), own.clone()], "422 VALIDATION_ERROR session_id"),
        (vec![field("session_id", "x"), good.clone()], "422 VALIDATION_ERROR session_id"),
        (
            vec![field("session_id", &"x".repeat(99_999)), good.clone()],
            "422 VALIDATION_ERROR session_id",
        ),
        (vec![field("session_id", NOBODY), good.clone()], "403 FORBIDDEN"),
        (vec![good.clone(), field("session_id", NOBODY)], "403 FORBIDDEN"),
        (vec![file("a.pdf", "%PDF-1.7\n")], "422 FILE_UNREADABLE"),
        (vec![file("a.txt", "a\0b")], "415 UNSUPPORTED_FILE_TYPE"),
    ] {
        let answer = send(&visitor, form(&parts)).await;
        assert_eq!(answer.error(), wanted, "{parts:.200?}");
    }
    for parts in [vec![own.clone(), good.clone()], vec![good.clone(), own]] {
        assert_eq!(send(&visitor, form(&parts)).await.status, StatusCode::CREATED);
    }
    let whole = form(&[good]);
    let cut = send(&visitor, whole[..whole.len() - 8].to_owned()).await;
    assert_eq!(cut.error(), "400 VALIDATION_ERROR");
}

#[tokio::test]
async fn the_operator_uploads_for_a_session_named_before_the_file() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let own = visitor.get("/sessions/current").await.json();
    let (session, good) = (field("session_id", at(&own, "/id")), file("a.txt", "words"));
    let uploaded = send(&app.operator(), form(&[session.clone(), good.clone()])).await.json();
    assert_eq!(uploaded["session_id"], own["id"]);
    let path = format!("/files/{}", at(&uploaded, "/file_id"));
    assert_eq!(visitor.get(&path).await.status, StatusCode::OK);
    let late = send(&app.operator(), form(&[good, session])).await;
    assert_eq!(late.error(), "422 VALIDATION_ERROR session_id");
}

#[tokio::test]
async fn a_file_that_is_too_large_is_not_read_to_its_end() {
    let app = TestApp::with(&[("VPAURA__LIMITS__UPLOAD_BYTES", "100000")]).await;
    let visitor = app.visitor().await;
    let exact = upload(&visitor, "a.txt", &"x".repeat(100_000)).await;
    assert_eq!(exact.status, StatusCode::CREATED, "{exact}");
    assert_eq!(upload(&visitor, "a.txt", &"x".repeat(100_001)).await.error(), "413 FILE_TOO_LARGE");
    // An endless body: the answer comes although it never ends.
    let head = Bytes::from(format!("--x\r\n{}", file("a.txt", "")));
    let endless = stream::unfold(Some(head), |head| async {
        let piece = head.unwrap_or(Bytes::from_static(&[b'x'; 4096]));
        Some((Ok::<_, std::convert::Infallible>(piece), None))
    });
    let answer = send(&visitor, Body::from_stream(endless)).await;
    assert_eq!(answer.error(), "413 FILE_TOO_LARGE");
}

#[tokio::test]
async fn names_are_made_safe() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    for (given, kept) in [("../../etc/pass.txt", "pass.txt"), ("C:\\a\\b.txt", "b.txt")] {
        let uploaded = upload(&visitor, given, "words").await.json();
        assert_eq!(uploaded["name"], kept);
    }
    let endless = upload(&visitor, &"a".repeat(5_000), "words").await.json();
    assert!(at(&endless, "/name").len() <= 255);
}

/// A virus scanner that says this of every file; its address.
async fn scanner(verdict: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut seen = Vec::new();
            // The empty piece ends the file.
            while !seen.ends_with(&[0; 4]) && stream.read_buf(&mut seen).await.is_ok_and(|n| n > 0)
            {
            }
            let _ = stream.write_all(verdict.as_bytes()).await;
        }
    });
    format!("tcp://{address}")
}

#[tokio::test]
async fn what_the_scanner_finds_is_not_kept_and_without_it_nothing_is() {
    for (verdict, wanted) in [
        ("stream: OK\0", "201"),
        ("stream: Eicar-Test-Signature FOUND\0", "422 FILE_INFECTED"),
        ("INSTREAM size limit exceeded. ERROR\0", "422 FILE_UNREADABLE"),
        ("Can't allocate memory ERROR\0", "503 SERVICE_UNAVAILABLE"),
    ] {
        let address = scanner(verdict).await;
        let app = TestApp::with(&[("VPAURA__FILES__SCANNER", &address)]).await;
        let visitor = app.visitor().await;
        let answer = upload(&visitor, "a.txt", "words").await;
        match wanted {
            "201" => assert_eq!(answer.status, StatusCode::CREATED, "{answer}"),
            wanted => assert_eq!(answer.error(), wanted, "{verdict}"),
        }
        if wanted == "422 FILE_INFECTED" {
            let found = &answer.json()["error"]["details"]["found"];
            assert_eq!(found, "Eicar-Test-Signature");
        }
    }
}

#[tokio::test]
async fn a_file_of_another_type_says_how_it_is_to_be_read() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let page = "<html><body><h1>Quokkas</h1><p>They smile all day long.</p></body></html>";
    let uploaded = upload(&visitor, "page.html", page).await;
    assert_eq!(uploaded.status, StatusCode::CREATED, "{uploaded}");
    let path = format!("/files/{}/text", at(&uploaded.json(), "/file_id"));
    let text = visitor.get(&path).await.json();
    assert_eq!((&text["format"], &text["pages"]), (&json!("markdown"), &json!([])));
    assert!(at(&text, "/text").contains("They smile all day long."), "{text}");
}
