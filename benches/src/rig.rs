//! What is measured: a scripted provider, the proxy and the server in front of it, each in a
//! process of its own.

use std::net::TcpListener;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Method;
use tempfile::TempDir;

use crate::client::{Connection, Target};
use crate::error::{Error, Result, io};
use crate::process::Process;

/// The operator's key of the server under measurement.
const API_KEY: &str = "the-key-of-the-bench";
/// How long a process may take to come up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where the programs are.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    pub(crate) server: PathBuf,
    pub(crate) provider: PathBuf,
}

/// How the provider answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answers {
    pub(crate) tokens: u32,
    /// Before each token but the first.
    pub(crate) pause_ms: u32,
}

/// A server with a data folder of its own.
pub(crate) struct Server {
    pub(crate) process: Process,
    pub(crate) target: Target,
    /// From the start of the process to its first 200.
    pub(crate) startup: Duration,
    _data: TempDir,
}

impl Server {
    /// Starts one in front of this provider and waits until it answers.
    pub(crate) async fn start(
        programs: &Programs,
        database: Option<&str>,
        provider_url: &str,
    ) -> Result<Self> {
        let data = tempfile::tempdir().map_err(io("making a data folder"))?;
        let port = free_port()?;
        let mut environment = vec![
            ("DATA_DIR", data.path().display().to_string()),
            ("VPAURA_API_KEY", API_KEY.to_owned()),
            ("OPENAI_BASE_URL", provider_url.to_owned()),
            ("LLM_MODEL", "openai/scripted".to_owned()),
            ("LOG_LEVEL", "warn".to_owned()),
            ("RATE_LIMIT_REQUESTS", "10000000".to_owned()),
            ("VPAURA__AUTH__ATTEMPTS_PER_USER", "100000".to_owned()),
            ("VPAURA__AUTH__ATTEMPTS_PER_ADDRESS", "100000".to_owned()),
            ("PORT", port.to_string()),
        ];
        environment.extend(database.map(|url| ("DATABASE_URL", url.to_owned())));
        let target = Target {
            authority: format!("127.0.0.1:{port}"),
            path: "/api/v1/chat",
            api_key: Some(API_KEY),
            before_token: b"\"token\":\"",
            at_end: b"\"status\":\"completed\"",
            body: Bytes::from_static(b"{\"message\":\"Tell me about the bench, please.\"}"),
        };
        let start = Instant::now();
        let process = Process::start(&programs.server, &["serve"], &environment)?;
        while !answers(&target).await {
            if start.elapsed() > PATIENCE {
                return Err(Error::NotStarted("the server"));
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(Self { process, target, startup: start.elapsed(), _data: data })
    }
}

async fn answers(target: &Target) -> bool {
    let Ok(mut connection) = Connection::open(target).await else { return false };
    connection.call(Method::GET, "/health/live", Bytes::new(), 200).await.is_ok()
}

/// Two may pick the same port; then the server does not start, and the run says so.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(io("finding a port"))?;
    Ok(listener.local_addr().map_err(io("finding a port"))?.port())
}

/// A provider or proxy.
pub(crate) struct Passer {
    pub(crate) process: Process,
    pub(crate) target: Target,
}

impl Passer {
    fn new((process, url): (Process, String)) -> Result<Self> {
        let authority = authority(&url)?;
        let target = Target {
            authority,
            path: "/v1/chat/completions",
            api_key: None,
            before_token: b"\"content\":\"",
            at_end: b"[DONE]",
            body: Bytes::from_static(
                b"{\"model\":\"scripted\",\"stream\":true,\
                \"stream_options\":{\"include_usage\":true},\"messages\":\
                [{\"role\":\"user\",\"content\":\"Tell me about the bench, please.\"}]}",
            ),
        };
        Ok(Self { process, target })
    }
}

/// Starts a provider that answers so.
pub(crate) fn provider(programs: &Programs, answers: Answers) -> Result<(Passer, String)> {
    let (tokens, pause) = (answers.tokens.to_string(), answers.pause_ms.to_string());
    let arguments = ["--tokens", &tokens, "--delay-ms", &pause];
    let (process, url) = Process::start_announced(&programs.provider, &arguments)?;
    let url = url.trim().to_owned();
    Ok((Passer::new((process, url.clone()))?, url))
}

/// All three; they end in this order, so that nobody loses a provider half-way.
pub(crate) struct Rig {
    pub(crate) server: Server,
    pub(crate) proxy: Passer,
    pub(crate) provider: Passer,
}

impl Rig {
    /// Starts all three.
    pub(crate) async fn start(
        programs: &Programs,
        database: Option<&str>,
        answers: Answers,
    ) -> Result<Self> {
        let (provider, url) = provider(programs, answers)?;
        let own = std::env::current_exe().map_err(io("finding this program"))?;
        let arguments = ["proxy", &provider.target.authority];
        let proxy = Passer::new(Process::start_announced(&own, &arguments)?)?;
        let server = Server::start(programs, database, &url).await?;
        Ok(Self { server, proxy, provider })
    }

    /// The provider alone, the proxy, the server.
    pub(crate) fn targets(&self) -> [&Target; 3] {
        [&self.provider.target, &self.proxy.target, &self.server.target]
    }
}

fn authority(url: &str) -> Result<String> {
    let rest = url.trim().strip_prefix("http://");
    let authority = rest.and_then(|rest| rest.split('/').next());
    authority.map(str::to_owned).ok_or_else(|| Error::Unreadable(format!("the address {url:?}")))
}
