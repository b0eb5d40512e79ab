//! Servers to test against, and patience.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tempfile::TempDir;
use vpaura_kv::{Lagged, RedisKv, Subscription};

/// The Redis to test against; none when it may be left out.
pub fn redis_url() -> Option<String> {
    if std::env::var("VPAURA_SKIP_REDIS").is_ok_and(|skip| skip == "1") {
        return None;
    }
    let url = std::env::var("TEST_REDIS_URL");
    Some(url.expect("TEST_REDIS_URL must name a Redis (or set VPAURA_SKIP_REDIS=1)"))
}

/// A name that no other test, and no earlier run of this one, has used.
pub fn unique(name: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let started = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_nanos();
    format!("test:{name}:{}:{started}:{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A Redis of our own, to be killed and started again on the same port.
pub struct OwnRedis {
    folder: TempDir,
    port: u16,
    server: Option<Child>,
}

impl OwnRedis {
    pub fn new() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        Self { folder: tempfile::tempdir().expect("a folder"), port, server: None }
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub async fn start(&mut self) {
        self.start_with(&[]).await;
    }

    pub async fn start_with(&mut self, options: &[&str]) {
        let folder: &Path = self.folder.path();
        let server = Command::new("redis-server")
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no", "--dir"])
            .arg(folder)
            .args(options)
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server is installed");
        self.server = Some(server);
        eventually("redis answers", async || std::net::TcpStream::connect(self.address()).is_ok())
            .await;
    }

    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().expect("can be killed");
            server.wait().expect("ends");
        }
    }

    fn address(&self) -> (&'static str, u16) {
        ("127.0.0.1", self.port)
    }
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        self.kill();
    }
}

pub async fn connect(url: &str) -> RedisKv {
    RedisKv::connect(url).await.expect("an address")
}

/// Waits for something that another process or task brings about.
pub async fn eventually(what: &str, mut check: impl AsyncFnMut() -> bool) {
    let done = async {
        while !check().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), done)
        .await
        .unwrap_or_else(|_| panic!("never: {what}"));
}

/// The next message or gap, which must come.
pub async fn received(subscription: &mut Subscription) -> Result<Bytes, Lagged> {
    tokio::time::timeout(Duration::from_secs(60), subscription.next())
        .await
        .expect("something arrives")
}
