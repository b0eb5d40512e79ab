//! A `vpaura serve` process and a small client for it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use vpaura_llm::{HttpClient, HttpResponse, SseReader};

/// The operator's key of every server here.
pub(crate) const KEY: &str = "crash-tests-use-this-key";

/// A server process; killed when it is dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) url: String,
    client: HttpClient,
}

/// The program with a clean environment, its data in `data`.
pub(crate) fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vpaura"));
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("DATA_DIR", data)
        .env("VPAURA_API_KEY", KEY)
        .current_dir(data);
    command
}

impl Server {
    /// Starts a server on any free port and waits until it is ready.
    pub(crate) fn start(data: &Path, settings: &[(&str, &str)]) -> Self {
        let mut process = program(data)
            .args(["serve", "--port", "0"])
            .env("RATE_LIMIT_REQUESTS", "1000000")
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut line = String::new();
        let url = loop {
            line.clear();
            assert_ne!(log.read_line(&mut line).unwrap(), 0, "the server ended at its start");
            if let Some(at) = line.find("http://") {
                let end = line[at..].find(|c: char| c.is_whitespace() || c == '"' || c == '\u{1b}');
                break line[at..at + end.unwrap_or(line.len() - at)].to_owned();
            }
        };
        // Nobody reads the rest; a full pipe must not stop the server.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        let client = vpaura_llm::http_client(Duration::from_secs(5)).unwrap();
        Self { process, url, client }
    }

    /// Kills the process without any warning (SIGKILL).
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let request = self.client.get(format!("{}/api/v1{path}", self.url));
        let response = request.header("x-api-key", KEY).send().await.unwrap();
        assert!(response.status().is_success(), "{path}: {}", response.status());
        response.json().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> HttpResponse {
        let request = self.client.post(format!("{}/api/v1{path}", self.url));
        request.header("x-api-key", KEY).json(body).send().await.unwrap()
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) {
        let request = self.client.patch(format!("{}/api/v1{path}", self.url));
        let response = request.header("x-api-key", KEY).json(body).send().await.unwrap();
        assert!(response.status().is_success(), "{path}: {}", response.status());
    }

    /// A request with a key or an access token instead of the operator's key.
    pub(crate) async fn send(
        &self,
        bearer: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> HttpResponse {
        let method = method.parse().unwrap();
        let request = self.client.request(method, format!("{}/api/v1{path}", self.url));
        let request = request.bearer_auth(bearer);
        let request = if let Some(body) = body { request.json(body) } else { request };
        request.send().await.unwrap()
    }

    /// The stream of a run's events after the one numbered `after`.
    pub(crate) async fn events(&self, run: &str, after: u64) -> Events {
        let url = format!("{}/api/v1/runs/{run}/events?after={after}", self.url);
        let response = self.client.get(url).header("x-api-key", KEY).send().await.unwrap();
        Events::of(response)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been killed by the test already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A stream of run events as a client reads it.
pub(crate) struct Events {
    response: HttpResponse,
    reader: SseReader,
    ready: std::collections::VecDeque<Value>,
}

impl Events {
    pub(crate) fn of(response: HttpResponse) -> Self {
        assert!(response.status().is_success(), "{}", response.status());
        Self { response, reader: SseReader::new(8 << 20), ready: Default::default() }
    }

    /// The next event; `None` at the end of the stream or when it was cut.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        while self.ready.is_empty() {
            let chunk = self.response.chunk().await.ok().flatten()?;
            let mut bytes = &chunk[..];
            while let Some(event) = self.reader.next(&mut bytes).unwrap() {
                self.ready.push_back(serde_json::from_str(&event.data).unwrap());
            }
        }
        self.ready.pop_front()
    }

    pub(crate) async fn rest(&mut self) -> Vec<Value> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }
}

/// The text that events add up to.
pub(crate) fn text(events: &[Value]) -> String {
    let mut text = String::new();
    for event in events {
        match event["type"].as_str() {
            Some("delta") => text.push_str(event["text"].as_str().unwrap()),
            Some("reset") => text.clear(),
            _ => {}
        }
    }
    text
}
