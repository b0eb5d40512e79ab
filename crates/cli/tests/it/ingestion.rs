//! `kill -9` at any moment of an import: after the restart it goes on, and in the end every document
//! is there, whole, and once.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::server::Server;

const DOCUMENTS: u64 = 220;
const SECTIONS: usize = 3;

/// A server that takes documents over soon.
const SHORT_LEASE: &[(&str, &str)] = &[
    ("VPAURA__RUNS__LEASE_SECONDS", "2"),
    ("VPAURA__RUNS__RENEW_SECONDS", "1"),
    ("VPAURA__RUNS__SWEEP_SECONDS", "1"),
];

/// A text of several chunks, each with words that are in no other.
fn text(number: u64) -> String {
    let section = |section: usize| {
        let words = "There is a little more to say about this. ".repeat(12);
        format!("# Section {section} of {number}\n\nMarker-{number}-{section}. {words}\n\n")
    };
    (0..SECTIONS).map(section).collect()
}

async fn ready(server: &Server, collection: &str) -> u64 {
    let collection = server.get(collection).await;
    assert_eq!(collection["documents_failed"], 0, "{collection}");
    collection["documents_ready"].as_u64().unwrap()
}

/// Waits until so many documents are ready.
async fn wait_for(server: &Server, collection: &str, count: u64) {
    let began = Instant::now();
    while ready(server, collection).await < count {
        assert!(began.elapsed() < Duration::from_secs(120), "the import stands still");
    }
}

#[tokio::test]
async fn an_import_goes_on_where_killed_servers_left_it() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Server::start(data.path(), SHORT_LEASE);
    let body = json!({ "name": "Import", "chunking": { "max_tokens": 128 } });
    let created: Value = server.post("/collections", &body).await.json().await.unwrap();
    let collection = format!("/collections/{}", created["id"].as_str().unwrap());
    let documents = format!("{collection}/documents");
    for number in 0..DOCUMENTS {
        let body = json!({ "name": format!("document {number}"), "text": text(number) });
        let added = server.post(&documents, &body).await;
        assert_eq!(added.status(), 202);
        // In the middle of being added to, too.
        if number % 70 == 40 {
            server.kill();
            server = Server::start(data.path(), SHORT_LEASE);
        }
    }
    for seen in [DOCUMENTS / 3, DOCUMENTS / 2, DOCUMENTS * 3 / 4] {
        wait_for(&server, &collection, seen).await;
        server.kill();
        server = Server::start(data.path(), SHORT_LEASE);
    }
    wait_for(&server, &collection, DOCUMENTS).await;

    let counted = server.get(&collection).await;
    assert_eq!(counted["documents_total"], DOCUMENTS, "{counted}");
    let mut names = BTreeSet::new();
    let mut chunks = 0;
    let mut page = server.get(&format!("{documents}?limit=100")).await;
    loop {
        for document in page["items"].as_array().unwrap() {
            assert_eq!(document["status"], "ready", "{document}");
            let name = document["name"].as_str().unwrap().to_owned();
            let number: u64 = name.strip_prefix("document ").unwrap().parse().unwrap();
            let path = format!("{documents}/{}/chunks?limit=100", document["id"].as_str().unwrap());
            let found = server.get(&path).await["items"].as_array().unwrap().clone();
            assert_eq!(document["chunks"], found.len(), "{document}");
            chunks += found.len();
            let whole: String = found.iter().map(|chunk| chunk["text"].as_str().unwrap()).collect();
            for section in 0..SECTIONS {
                let marker = format!("Marker-{number}-{section}.");
                assert_eq!(whole.matches(&marker).count(), 1, "{marker} in {name}");
            }
            assert!(names.insert(name), "{document} is there twice");
        }
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        page = server.get(&format!("{documents}?limit=100&cursor={cursor}")).await;
    }
    assert_eq!(names.len() as u64, DOCUMENTS);
    assert_eq!(counted["chunks"], chunks);
}
