//! Models that are not here yet.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};
use vpaura_llm::{Embedder, LlmError, Purpose, Reranker};
use vpaura_local_models::{LocalModels, LocalSettings};

use crate::fixture;

/// What the hub answers for a path.
#[derive(Clone)]
struct Served {
    head: String,
    body: Vec<u8>,
    gate: Option<Arc<Gate>>,
}

/// Before a body: it is sent when the test lets it.
struct Gate {
    reached: Notify,
    open: Semaphore,
}

#[derive(Clone, Default)]
struct Hub {
    files: Arc<Mutex<HashMap<String, Served>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Hub {
    /// A hub with the tiny embedder as `org/tiny`, and its address.
    async fn start() -> (Self, String) {
        let hub = Self::default();
        for file in ["config.json", "tokenizer.json", "model.safetensors"] {
            let body = std::fs::read(fixture("tiny-embedder").join(file)).expect("the fixture");
            hub.serve(file, "200 OK", "", body);
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}/", listener.local_addr().expect("an address"));
        let serving = hub.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().answer(stream));
            }
        });
        (hub, address)
    }

    /// From now on serves this for a file.
    fn serve(&self, file: &str, status: &str, headers: &str, body: Vec<u8>) {
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n");
        let path = format!("/org/tiny/resolve/main/{file}");
        self.files.lock().expect("the hub").insert(path, Served { head, body, gate: None });
    }

    /// A gate before the body of a file.
    fn hold(&self, file: &str) -> Arc<Gate> {
        let gate = Arc::new(Gate { reached: Notify::new(), open: Semaphore::new(0) });
        let served = Served { gate: Some(Arc::clone(&gate)), ..self.served(file) };
        let path = format!("/org/tiny/resolve/main/{file}");
        self.files.lock().expect("the hub").insert(path, served);
        gate
    }

    /// What is served for a file.
    fn served(&self, file: &str) -> Served {
        let path = format!("/org/tiny/resolve/main/{file}");
        self.files.lock().expect("the hub").get(&path).cloned().expect("a file")
    }

    async fn answer(self, mut stream: TcpStream) {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => request.push(byte),
                Err(_) => return,
            }
        }
        let request = String::from_utf8_lossy(&request).into_owned();
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        let served = self.files.lock().expect("the hub").get(&path).cloned();
        self.asked.lock().expect("the hub").push(path);
        let missing = || Served {
            head: "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".into(),
            body: Vec::new(),
            gate: None,
        };
        let served = served.unwrap_or_else(missing);
        // A reader that has gone is the test's own doing.
        let _gone = stream.write_all(served.head.as_bytes()).await;
        if let Some(gate) = served.gate {
            gate.reached.notify_one();
            let _open = gate.open.acquire().await.expect("the gate");
        }
        let _gone = stream.write_all(&served.body).await;
        let _gone = stream.shutdown().await;
    }

    fn times_asked_for(&self, file: &str) -> usize {
        self.asked.lock().expect("the hub").iter().filter(|path| path.ends_with(file)).count()
    }
}

fn models(folder: &TempDir, hub_url: String) -> LocalModels {
    let models_dir = folder.path().join("models");
    LocalModels::new(LocalSettings { models_dir, hub_url, threads: None }).expect("a client")
}

/// A hub whose `org/tiny` is a reranker.
async fn reranking_hub() -> (Hub, String) {
    let (hub, address) = Hub::start().await;
    for file in ["config.json", "tokenizer.json", "model.safetensors"] {
        let body = std::fs::read(fixture("tiny-judge").join(file)).expect("the fixture");
        hub.serve(file, "200 OK", "", body);
    }
    (hub, address)
}

async fn judge(reranker: &dyn Reranker) -> Result<usize, LlmError> {
    Ok(reranker.rerank("a cat", &["the cat sat".to_owned()]).await?.len())
}

/// Whether it says that the model is not here yet.
fn is_being_opened(judged: &Result<usize, LlmError>) -> bool {
    matches!(judged, Err(LlmError::Unavailable { retry_after: Some(_), .. }))
}

/// A caller that gives up while the fetch stands at the gate.
async fn given_up(reranker: &dyn Reranker, gate: &Gate) {
    tokio::select! {
        judged = judge(reranker) => panic!("the gate is closed: {judged:?}"),
        () = gate.reached.notified() => {}
    }
}

/// What is judged as soon as the model is not being opened any more.
async fn once_opened(reranker: &dyn Reranker) -> Result<usize, LlmError> {
    loop {
        match judge(reranker).await {
            judged if is_being_opened(&judged) => tokio::task::yield_now().await,
            judged => return judged,
        }
    }
}

fn weights() -> Vec<u8> {
    std::fs::read(fixture("tiny-embedder").join("model.safetensors")).expect("the fixture")
}

/// The names of all files below a folder.
fn files(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder.join("models/org/tiny")) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("a file").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

async fn embed(embedder: &dyn Embedder) -> Result<usize, LlmError> {
    let vectors = embedder.embed(&["the cat sat".to_owned()], Purpose::Query).await?;
    Ok(vectors[0].len())
}

#[tokio::test]
async fn a_model_is_fetched_once_when_it_is_first_needed() {
    let (hub, address) = Hub::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let embedder = models(&folder, address.clone()).embedder("org/tiny").expect("a name");
    assert_eq!((embedder.model(), hub.times_asked_for("")), ("local/org/tiny", 0));
    let (first, second) = tokio::join!(embed(&*embedder), embed(&*embedder));
    assert_eq!((first, second), (Ok(16), Ok(16)));
    assert_eq!(hub.times_asked_for("model.safetensors"), 1);
    assert_eq!(files(folder.path()), ["config.json", "model.safetensors", "tokenizer.json"]);

    let again = models(&folder, address).embedder("org/tiny").expect("a name");
    assert_eq!(embed(&*again).await, Ok(16));
    assert_eq!(hub.times_asked_for("model.safetensors"), 1, "it is here now");
}

#[tokio::test]
async fn what_breaks_off_leaves_nothing_half_and_goes_on_later() {
    let (hub, address) = Hub::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let embedder = models(&folder, address).embedder("org/tiny").expect("a name");
    let cut = weights()[..1_000].to_vec();
    let served = Served {
        head: format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", weights().len()),
        body: cut,
        gate: None,
    };
    let path = "/org/tiny/resolve/main/model.safetensors";
    hub.files.lock().expect("the hub").insert(path.into(), served);
    let error = embed(&*embedder).await.expect_err("broken off");
    assert!(matches!(error, LlmError::Unavailable { .. }), "{error}");
    assert_eq!(files(folder.path()), ["tokenizer.json"]);

    hub.serve("model.safetensors", "200 OK", "", weights());
    assert_eq!(embed(&*embedder).await, Ok(16));
    assert_eq!(hub.times_asked_for("tokenizer.json"), 1, "what was whole is kept");
}

#[tokio::test]
async fn what_is_not_what_the_hub_says_is_not_kept() {
    let (hub, address) = Hub::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let embedder = models(&folder, address).embedder("org/tiny").expect("a name");
    let wrong = format!("x-linked-etag: \"{}\"\r\n", "0".repeat(64));
    hub.serve("model.safetensors", "200 OK", &wrong, weights());
    let error = embed(&*embedder).await.expect_err("another checksum").to_string();
    assert!(error.contains("checksum"), "{error}");
    hub.serve("model.safetensors", "200 OK", "x-linked-size: 7\r\n", weights());
    let error = embed(&*embedder).await.expect_err("another size").to_string();
    assert!(error.contains("instead of 7"), "{error}");
    assert_eq!(files(folder.path()), ["tokenizer.json"]);
}

#[tokio::test]
async fn a_redirect_that_names_size_and_checksum_is_followed_and_believed() {
    use sha2::{Digest, Sha256};
    let (hub, address) = Hub::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let embedder = models(&folder, address.clone()).embedder("org/tiny").expect("a name");
    hub.serve("elsewhere", "200 OK", "", weights());
    let headers = format!(
        "location: {address}org/tiny/resolve/main/elsewhere\r\nx-linked-size: {}\r\n\
         x-linked-etag: \"{:x}\"\r\n",
        weights().len(),
        Sha256::digest(weights()),
    );
    hub.serve("model.safetensors", "302 Found", &headers, Vec::new());
    assert_eq!(embed(&*embedder).await, Ok(16));
}

#[tokio::test]
async fn a_model_that_the_hub_lacks_is_told() {
    let (hub, address) = Hub::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let models = models(&folder, address);
    let error = embed(&*models.embedder("org/other").expect("a name")).await.expect_err("none");
    assert!(matches!(&error, LlmError::Settings(text) if text.contains("org/other")), "{error}");
    hub.serve("config.json", "500 Oops", "", Vec::new());
    let error = embed(&*models.embedder("org/tiny").expect("a name")).await.expect_err("none");
    assert!(matches!(error, LlmError::Unavailable { .. }), "{error}");
}

#[tokio::test]
async fn a_fetch_goes_on_when_its_caller_gives_up_and_others_need_not_wait() {
    let (hub, address) = reranking_hub().await;
    let gate = hub.hold("model.safetensors");
    let folder = tempfile::tempdir().expect("a folder");
    let reranker = models(&folder, address).reranker("org/tiny").expect("a name");
    given_up(&*reranker, &gate).await;
    let judged = judge(&*reranker).await;
    assert!(is_being_opened(&judged), "{judged:?}");
    gate.open.add_permits(1);
    assert_eq!(once_opened(&*reranker).await, Ok(1));
    assert_eq!(hub.times_asked_for("model.safetensors"), 1);
    assert_eq!(files(folder.path()), ["config.json", "model.safetensors", "tokenizer.json"]);
}

#[tokio::test]
async fn a_fetch_that_fails_while_nobody_waits_is_tried_anew() {
    let (hub, address) = reranking_hub().await;
    let folder = tempfile::tempdir().expect("a folder");
    let reranker = models(&folder, address).reranker("org/tiny").expect("a name");
    let right = hub.served("model.safetensors");
    let wrong = format!("x-linked-etag: \"{}\"\r\n", "0".repeat(64));
    hub.serve("model.safetensors", "200 OK", &wrong, right.body.clone());
    let gate = hub.hold("model.safetensors");
    given_up(&*reranker, &gate).await;
    hub.serve("model.safetensors", "200 OK", "", right.body);
    gate.open.add_permits(1);
    assert_eq!(once_opened(&*reranker).await, Ok(1));
    assert_eq!(hub.times_asked_for("model.safetensors"), 2);
    assert_eq!(files(folder.path()), ["config.json", "model.safetensors", "tokenizer.json"]);
}
