//! The application under test, and clients of it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream::BoxStream};
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use vpaura_config::{Config, Sources};
use vpaura_domain::{Clock, FixedClock, IdGen, SequentialIds, Timestamp};
use vpaura_engine::{
    Engine, EngineSettings, ModelInfo, ModelRef, Parts, Prompts, extract_limits,
    identity_providers, mailer,
};
use vpaura_knowledge::extract::{ExtractLimits, Extractor};
use vpaura_kv::MemoryKv;
use vpaura_llm::{
    Content, FetchSettings, Fetcher, Router as Models, RouterSettings, ScriptedModel,
};
use vpaura_store::{Store, StoreSettings};
use vpaura_test_support::extract_child;

use crate::events::Events;

/// The operator's key.
pub const API_KEY: &str = "operator-key-of-the-tests";

/// The id of nothing.
pub const NOBODY: &str = "01900000-0000-7000-8000-0000000000ff";

/// Where requests of version 1 go.
pub const BASE: &str = "/api/v1";

/// A whole application on a database of its own.
pub struct TestApp {
    pub router: Router,
    pub engine: Engine,
    pub config: Config,
    pub model: ScriptedModel,
    pub clock: Arc<FixedClock>,
    _folder: TempDir,
}

impl TestApp {
    /// With the default limits, except on how often.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With configuration as environment variables, such as `VPAURA__LIMITS__REQUESTS`.
    pub async fn with(variables: &[(&str, &str)]) -> Self {
        Self::on("sqlite::memory:", variables).await
    }

    /// On this database.
    pub async fn on(database: &str, variables: &[(&str, &str)]) -> Self {
        Self::whose(database, variables, |limits| Extractor::new(extract_child(), limits)).await
    }

    /// With files that are read in this way.
    pub async fn reading(
        variables: &[(&str, &str)],
        extractor: impl FnOnce(ExtractLimits) -> Extractor,
    ) -> Self {
        Self::whose("sqlite::memory:", variables, extractor).await
    }

    async fn whose(
        database: &str,
        variables: &[(&str, &str)],
        extractor: impl FnOnce(ExtractLimits) -> Extractor,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = config(&folder, variables);
        let clock = Arc::new(FixedClock::at(Timestamp::from_millis(1_767_225_600_000)));
        let as_clock: Arc<dyn Clock> = clock.clone();
        let model = ScriptedModel::saying("Hello there, visitor.");
        let models = Models::new(RouterSettings::default(), as_clock.clone()).expect("a router");
        let store = StoreSettings::new(database);
        let store = Store::connect(&store, as_clock.clone()).await.expect("a database");
        store.migrate_up().await.expect("a schema");
        let ids: Arc<dyn IdGen> = Arc::new(SequentialIds::default());
        let parts = Parts {
            store,
            kv: Arc::new(MemoryKv::new()),
            models: models.with_model(scripted(), Arc::new(model.clone())),
            prompts: Prompts::load(None, false).expect("prompts"),
            files: folder.path().join("files"),
            extractor: extractor(extract_limits(&config.files.extract)),
            fetcher: Fetcher::new(&FetchSettings::default()).expect("a fetcher"),
            embedder: None,
            former_embedder: Arc::new(|_| Err(vpaura_engine::Error::ShuttingDown)),
            reranker: None,
            mailer: mailer(&config, &as_clock, &ids).expect("a mailer"),
            providers: identity_providers(&config, &as_clock).expect("providers"),
            clock: as_clock,
            ids,
            settings: EngineSettings::from(&config),
        };
        let engine = Engine::start(parts).await.expect("an engine");
        let router = vpaura_server::app(engine.clone(), &config, CancellationToken::new());
        let router = router.expect("an application");
        Self { router, engine, config, model, clock, _folder: folder }
    }

    /// The texts of the model's last request, oldest first: those of messages, then passages.
    pub fn asked(&self) -> Vec<String> {
        let request = self.model.requests().pop().expect("a request");
        let text = |content: &Content| match content {
            Content::Text(text) => Some(text.to_string()),
            _ => None,
        };
        let said = request.messages.iter().flat_map(|message| &message.content).filter_map(text);
        said.chain(request.passages.iter().map(|passage| passage.text.to_string())).collect()
    }

    /// Somebody without a credential.
    pub fn stranger(&self) -> Client {
        Client { router: self.router.clone(), credential: None }
    }

    /// Somebody with a session, known by its cookie.
    pub async fn visitor(&self) -> Client {
        let created = self.stranger().post("/sessions", json!({})).await;
        assert_eq!(created.status, StatusCode::CREATED, "{created}");
        self.stranger().with_cookie(&created.cookie().expect("a cookie"))
    }

    /// The operator.
    pub fn operator(&self) -> Client {
        self.stranger().with_header("x-api-key", API_KEY)
    }
}

fn config(folder: &TempDir, variables: &[(&str, &str)]) -> Config {
    let dir = folder.path().display().to_string();
    let mut env: BTreeMap<String, String> = [
        ("DATA_DIR", dir.as_str()),
        ("VPAURA_API_KEY", API_KEY),
        ("VPAURA__LIMITS__REQUESTS", "1000000"),
        ("VPAURA__LIMITS__ANONYMOUS_CHAT_PER_MINUTE", "1000"),
        ("VPAURA__LIMITS__ANONYMOUS_CHAT_PER_HOUR", "1000"),
        ("VPAURA__SERVER__PORT", "0"),
    ]
    .into_iter()
    .chain(variables.iter().copied())
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    env.insert("SESSION_SECRET".to_owned(), "0123456789abcdef0123456789abcdef".to_owned());
    env.insert("JWT_SECRET_KEY".to_owned(), "fedcba9876543210fedcba9876543210".to_owned());
    let directory = folder.path().to_owned();
    let sources = Sources { env, directory, entropy: || Ok([7; 32]) };
    Config::load(&sources).expect("a configuration")
}

fn scripted() -> ModelInfo {
    ModelInfo {
        id: ModelRef::new("test", "scripted"),
        name: "The scripted model".to_owned(),
        context_window: 100_000,
        max_output: 4_000,
        price: None,
        tools: true,
        builtin: false,
        default: true,
    }
}

/// Somebody who makes requests.
#[derive(Clone)]
pub struct Client {
    router: Router,
    credential: Option<(String, String)>,
}

impl Client {
    /// The same with this header as its only credential.
    pub fn with_header(&self, name: &str, value: &str) -> Self {
        Self { credential: Some((name.to_owned(), value.to_owned())), ..self.clone() }
    }

    pub fn with_cookie(&self, cookie: &str) -> Self {
        self.with_header(COOKIE.as_str(), cookie)
    }

    pub fn with_bearer(&self, token: &str) -> Self {
        self.with_header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// A request of this client to an address of version 1, to be built further.
    pub fn request(&self, method: Method, path: &str) -> http::request::Builder {
        let request =
            Request::builder().method(method).uri(format!("{BASE}{path}")).header(HOST, "test");
        match &self.credential {
            Some((name, value)) => request.header(name, value),
            None => request,
        }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        self.open(request).await.read().await
    }

    /// The answer's head; its body is still coming.
    pub async fn open(&self, request: Request<Body>) -> Open {
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (head, body) = response.into_parts();
        let body = body.into_data_stream().map(|piece| piece.expect("a whole body")).boxed();
        Open { status: head.status, headers: head.headers, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        let request = self.request(Method::GET, path).body(Body::empty());
        self.send(request.expect("a request")).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        let request = self.request(Method::DELETE, path).body(Body::empty());
        self.send(request.expect("a request")).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.json(Method::POST, path, &body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.json(Method::PUT, path, &body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.json(Method::PATCH, path, &body)).await
    }

    /// Posts and leaves the answer open.
    pub async fn stream(&self, path: &str, body: Value) -> Open {
        self.open(self.json(Method::POST, path, &body)).await
    }

    pub fn json(&self, method: Method, path: &str, body: &Value) -> Request<Body> {
        self.request(method, path)
            .header(CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .expect("a request")
    }

    /// A new conversation with one question and its answer.
    pub async fn conversation(&self, question: &str) -> Value {
        let answer = self.post("/chat/message", json!({ "message": question })).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer}");
        answer.json()
    }

    /// The texts of the shown path, oldest first.
    pub async fn shown(&self, conversation: &str) -> Vec<String> {
        let opened = self.get(&format!("/conversations/{conversation}")).await.json();
        let messages = opened["messages"].as_array().expect("messages");
        messages.iter().map(text_of).collect()
    }
}

/// The text of a message as JSON.
pub fn text_of(message: &Value) -> String {
    let parts = message["parts"].as_array().expect("parts");
    parts.iter().filter_map(|part| part["text"].as_str()).collect()
}

/// The text in `value` at the JSON pointer.
pub fn at<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} in {value}"))
}

/// An answer whose body is still coming.
pub struct Open {
    pub status: StatusCode,
    pub headers: HeaderMap,
    body: BoxStream<'static, Bytes>,
}

impl Open {
    pub async fn read(mut self) -> Answer {
        let mut body = Vec::new();
        while let Some(piece) = self.body.next().await {
            body.extend_from_slice(&piece);
        }
        Answer { status: self.status, headers: self.headers, body }
    }

    /// Reads until `text` has come; answers all that has.
    pub async fn until(&mut self, text: &str) -> String {
        let mut body = String::new();
        while !body.contains(text) {
            let piece = self.body.next().await.unwrap_or_else(|| panic!("no {text} in {body}"));
            body.push_str(std::str::from_utf8(&piece).expect("UTF-8"));
        }
        body
    }
}

/// A whole answer. Shown as `status body`.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("JSON: {self}"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("text"))
    }

    /// `name=value` of the cookie set, without its attributes.
    pub fn cookie(&self) -> Option<String> {
        let cookie = self.headers.get(SET_COOKIE)?.to_str().expect("text");
        cookie.split(';').next().map(str::to_owned)
    }

    pub fn events(&self) -> Events {
        Events::parse(self.text())
    }

    /// `status CODE field`, of an error.
    pub fn error(&self) -> String {
        let error = &self.json()["error"];
        let field = error["details"]["field"].as_str().unwrap_or_default();
        let text = format!("{} {} {field}", self.status.as_u16(), at(error, "/code"));
        text.trim_end().to_owned()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status.as_u16(), String::from_utf8_lossy(&self.body))
    }
}
