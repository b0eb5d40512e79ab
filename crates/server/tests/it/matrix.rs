//! What holds for every route, by the API's description: a new route is in it without a word.

use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Answer, BASE, Client, NOBODY, TestApp, at};
use crate::schema::{description, operations};

/// Routes that take callers without a credential.
const OPEN: [&str; 6] = [
    "POST /sessions",
    "POST /chat",
    "POST /chat/stream",
    "POST /chat/message",
    "POST /files/upload",
    "GET /shared/{token}",
];

/// A route, by the description.
struct Route {
    method: Method,
    path: String,
    operation: Value,
}

impl Route {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn is_health(&self) -> bool {
        self.path.starts_with("/health")
    }

    /// Whether it is a way in, which takes callers whatever they bring along. See `auth`.
    fn is_door(&self) -> bool {
        self.path.starts_with("/auth/") || self.path == "/invitations/look"
    }

    fn takes_json(&self) -> bool {
        self.operation.pointer("/requestBody/content/application~1json").is_some()
    }

    /// The schema of its JSON body.
    fn body_schema<'a>(&self, description: &'a Value) -> Option<&'a Value> {
        let schema = self.operation.pointer("/requestBody/content/application~1json/schema")?;
        let reference = at(schema, "/$ref");
        description.pointer(reference.trim_start_matches('#'))
    }

    /// A body with every field that must be there.
    fn body(&self, description: &Value) -> Value {
        let Some(schema) = self.body_schema(description) else { return json!({}) };
        if let Some(example) = schema.get("example") {
            return example.clone();
        }
        let fields = schema["required"].as_array().cloned().unwrap_or_default();
        let fields = fields.iter().map(|field| {
            let field = field.as_str().expect("a name");
            (field.to_owned(), sample(field))
        });
        Value::Object(fields.collect())
    }

    async fn call(&self, client: &Client, path: &str, body: &Value) -> Answer {
        match self.takes_json() {
            true => client.send(client.json(self.method.clone(), path, body)).await,
            false => {
                let request = client.request(self.method.clone(), path).body(Body::empty());
                client.send(request.expect("a request")).await
            }
        }
    }
}

fn sample(field: &str) -> Value {
    match field {
        "message_id" | "workspace_id" => json!(NOBODY),
        "feedback" => json!("positive"),
        "message" => json!("Hello"),
        "query" => json!("words"),
        "format" => json!(1),
        "created_at" => json!("2026-01-01T00:00:00Z"),
        "messages" => json!([]),
        "metadata" | "answers" => json!({}),
        "password" | "current_password" | "code" => json!("a secret"),
        other => panic!("no sample of {other}"),
    }
}

async fn routes(app: &TestApp) -> (Vec<Route>, Value) {
    let description = description(app).await;
    let routes = operations(&description).into_iter().map(|(method, path, operation)| {
        let path = path.strip_prefix(BASE).expect("version 1").to_owned();
        Route { method, path, operation }
    });
    (routes.collect(), description)
}

/// The path with ids in the place of its parameters.
fn filled(path: &str, id: impl Fn(&str) -> String) -> String {
    let fill = |segment: &str| match segment.strip_prefix('{') {
        Some(name) => id(name.trim_end_matches('}')),
        None => segment.to_owned(),
    };
    path.split('/').map(fill).collect::<Vec<_>>().join("/")
}

fn some_id(_: &str) -> String {
    NOBODY.to_owned()
}

#[tokio::test]
async fn nobody_gets_in_without_a_credential_or_with_a_bad_one() {
    let app = TestApp::start().await;
    let (routes, description) = routes(&app).await;
    let stranger = app.stranger();
    for route in routes.iter().filter(|route| !route.is_health() && !route.is_door()) {
        let (name, path) = (route.name(), filled(&route.path, some_id));
        let body = route.body(&description);
        if !OPEN.contains(&name.as_str()) {
            let answer = route.call(&stranger, &path, &body).await;
            assert_eq!(answer.error(), "401 UNAUTHORIZED", "{name} without a credential");
        }
        if route.path == "/shared/{token}" {
            continue;
        }
        for bad in [
            stranger.with_bearer("not-a-token"),
            stranger.with_header("authorization", "Basic YTpi"),
            stranger.with_header("x-api-key", "not-the-key"),
        ] {
            let answer = route.call(&bad, &path, &body).await;
            assert_eq!(answer.error(), "401 UNAUTHORIZED", "{name} with a bad credential");
        }
        let stale = stranger.with_cookie("session_token=stale");
        let answer = route.call(&stale, &path, &body).await;
        let wanted = if name == "POST /sessions" { 201 } else { 401 };
        assert_eq!(answer.status.as_u16(), wanted, "{name} with a stale cookie");
    }
}

#[tokio::test]
async fn what_belongs_to_another_session_is_not_there() {
    let app = TestApp::start().await;
    let (routes, description) = routes(&app).await;
    let (owner, other) = (app.visitor().await, app.visitor().await);
    let turn = owner.conversation("Mine").await;
    let file = crate::files::upload(&owner, "mine.txt", "my words").await.json();
    let session = owner.get("/sessions/current").await.json();
    for route in routes.iter().filter(|it| it.path.contains("/{id}") && !it.is_door()) {
        let id = |name: &str| match name {
            "message_id" => at(&turn, "/message_id").to_owned(),
            "page" => "1".to_owned(),
            _ if route.path.starts_with("/runs") => at(&turn, "/run_id").to_owned(),
            _ if route.path.starts_with("/files") => at(&file, "/file_id").to_owned(),
            _ if route.path.starts_with("/sessions") => at(&session, "/id").to_owned(),
            _ => at(&turn, "/conversation_id").to_owned(),
        };
        let path = filled(&route.path, id);
        let answer = route.call(&other, &path, &route.body(&description)).await;
        // A visitor lacks the permission for the rest, whosever the thing.
        let visitors = ["/conversations", "/runs", "/files", "/sessions"];
        let is_visitors = visitors.iter().any(|start| route.path.starts_with(start));
        let is_denied = answer.status == StatusCode::NOT_FOUND
            || !is_visitors && answer.status == StatusCode::FORBIDDEN;
        assert!(is_denied, "{}: {answer}", route.name());
    }
    // Nothing of it was touched.
    assert_eq!(owner.shown(at(&turn, "/conversation_id")).await.len(), 2);
    assert_eq!(owner.get("/sessions/current").await.status, StatusCode::OK);
}

#[tokio::test]
async fn unknown_fields_and_parameters_are_refused_by_name() {
    let app = TestApp::start().await;
    let (routes, description) = routes(&app).await;
    let visitor = app.visitor().await;
    let (mut bodies, mut queries) = (0, 0);
    for route in &routes {
        let path = filled(&route.path, some_id);
        if let Some(schema) = route.body_schema(&description) {
            let mut body = route.body(&description);
            body["colour"] = json!("red");
            let answer = route.call(&visitor, &path, &body).await;
            assert_eq!(answer.error(), "422 VALIDATION_ERROR colour", "{}", route.name());
            assert_eq!(schema["additionalProperties"], json!(false), "{}", route.name());
            bodies += 1;
        }
        let parameters = route.operation["parameters"].as_array().cloned().unwrap_or_default();
        // What an identity provider adds is its own affair.
        let is_foreign = route.path.ends_with("/callback");
        if !is_foreign && parameters.iter().any(|parameter| parameter["in"] == "query") {
            let answer = route.call(&visitor, &format!("{path}?colour=red"), &json!({})).await;
            assert_eq!(answer.error(), "422 VALIDATION_ERROR colour", "{}", route.name());
            queries += 1;
        }
    }
    assert!(bodies >= 12 && queries >= 6, "{bodies} bodies, {queries} queries");
}

#[tokio::test]
async fn bodies_that_are_not_json_are_refused() {
    let app = TestApp::start().await;
    let (routes, description) = routes(&app).await;
    let visitor = app.visitor().await;
    for route in routes.iter().filter(|route| route.takes_json()) {
        let path = filled(&route.path, some_id);
        let send = async |kind: &str, body: Vec<u8>| {
            let request = visitor.request(route.method.clone(), &path).header(CONTENT_TYPE, kind);
            visitor.send(request.body(Body::from(body)).expect("a request")).await
        };
        let body = route.body(&description).to_string().into_bytes();
        assert_eq!(send("text/plain", body).await.error(), "415 VALIDATION_ERROR", "{path}");
        let kind = "application/json";
        for broken in [&b"{"[..], b"\xff", b"{} x", b"nul"] {
            let answer = send(kind, broken.to_vec()).await;
            assert_eq!(answer.error(), "400 VALIDATION_ERROR", "{path}");
        }
        for wrong in [&b"null"[..], b"7", b"\"x\"", b"true"] {
            let answer = send(kind, wrong.to_vec()).await;
            assert_eq!(answer.error(), "422 VALIDATION_ERROR", "{path}");
        }
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(send(kind, deep.into_bytes()).await.status, 422, "{path}");
        let large = vec![b' '; 11 * 1024 * 1024];
        assert_eq!(send(kind, large).await.error(), "413 VALIDATION_ERROR", "{path}");
    }
}

#[tokio::test]
async fn ids_that_are_none_are_refused_by_name() {
    let app = TestApp::start().await;
    let (routes, description) = routes(&app).await;
    let visitor = app.visitor().await;
    for route in routes.iter().filter(|it| it.path.contains("{id}") && !it.is_door()) {
        let path = filled(&route.path, |_| "x".to_owned());
        let answer = route.call(&visitor, &path, &route.body(&description)).await;
        assert_eq!(answer.error(), "422 VALIDATION_ERROR id", "{}", route.name());
    }
}

#[tokio::test]
async fn other_methods_are_named() {
    let app = TestApp::start().await;
    let (routes, _) = routes(&app).await;
    let takes_put =
        |path: &str| routes.iter().any(|route| route.path == path && route.method == Method::PUT);
    for route in routes.iter().filter(|route| !takes_put(&route.path)) {
        let path = filled(&route.path, some_id);
        let client = app.stranger();
        let request = client.request(Method::PUT, &path).body(Body::empty());
        let answer = client.send(request.expect("a request")).await;
        assert_eq!(answer.error(), "405 METHOD_NOT_ALLOWED", "{path}");
        let allowed = answer.header("allow").expect("Allow");
        assert!(allowed.contains(route.method.as_str()), "{path}: {allowed}");
    }
}
