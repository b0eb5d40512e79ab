//! The API's description: committed, and consistent in itself.

use std::collections::BTreeSet;
use std::path::Path;

use http::Method;
use serde_json::Value;

use crate::app::TestApp;

/// The description that the application serves.
pub async fn description(app: &TestApp) -> Value {
    serde_json::from_str(&served(app).await).expect("JSON")
}

async fn served(app: &TestApp) -> String {
    let stranger = app.stranger();
    let request = http::Request::get("/openapi.json").header("host", "test");
    let answer = stranger.send(request.body(axum::body::Body::empty()).expect("a request")).await;
    answer.text().to_owned()
}

/// Every operation: its method, its path, and what the description says of it.
pub fn operations(description: &Value) -> Vec<(Method, String, Value)> {
    let paths = description["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &Value)| {
        let item = item.as_object().expect("an item").clone();
        let path = path.clone();
        item.into_iter().filter_map(move |(verb, operation)| {
            let method = verb.to_uppercase().parse().ok()?;
            operation.get("responses").is_some().then(|| (method, path.clone(), operation))
        })
    };
    paths.iter().flat_map(of_path).collect()
}

/// `UPDATE_SCHEMA=1` writes the file instead.
#[tokio::test]
async fn the_committed_description_is_the_one_that_is_served() {
    let path = Path::new("../../docs/api/openapi.json");
    let served = format!("{}\n", served(&TestApp::start().await).await);
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(path, &served).expect("the file is written");
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == served,
        "docs/api/openapi.json is out of date: run this test with UPDATE_SCHEMA=1"
    );
}

#[tokio::test]
async fn every_operation_has_its_own_id_a_summary_and_a_tag() {
    let description = description(&TestApp::start().await).await;
    let operations = operations(&description);
    assert!(operations.len() >= 35, "{}", operations.len());
    let mut ids = BTreeSet::new();
    for (method, path, operation) in &operations {
        let id = operation["operationId"].as_str().expect("an id");
        assert!(ids.insert(id), "{id} is twice there");
        assert!(operation["summary"].is_string(), "{method} {path}");
        assert!(operation["tags"][0].is_string(), "{method} {path}");
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let description = description(&TestApp::start().await).await;
    let mut references = BTreeSet::new();
    collect(&description, &mut references);
    assert!(references.len() > 20, "{references:?}");
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("a local reference");
        assert!(description.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            references.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|value| collect(value, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}
