//! The scripted provider's server.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use http::header::CONTENT_TYPE;
use http::{Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use parking_lot::Mutex;
use serde_json::Value;
use socket2::Socket;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::body::{OpenStream, body, cut};
use crate::dialect::{self, Dialect, Wanted, Writer};
use crate::{DefaultAnswer, RecordedRequest, Reply};

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// A server on this machine that speaks the OpenAI and Anthropic wire formats, streaming or not,
/// and those of embeddings and rerankers, and answers by script. It stops when dropped.
pub struct ScriptedProvider {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    replies: Mutex<VecDeque<Reply>>,
    default: Mutex<DefaultAnswer>,
    requests: watch::Sender<Vec<RecordedRequest>>,
    open_streams: watch::Sender<usize>,
}

impl ScriptedProvider {
    /// Starts on a free port.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start() -> io::Result<Self> {
        Self::start_on(0, DefaultAnswer::default()).await
    }

    /// Starts on this port (0: any), answering this where there is no script.
    ///
    /// # Errors
    /// When the port cannot be opened.
    pub async fn start_on(port: u16, default: DefaultAnswer) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            replies: Mutex::default(),
            default: Mutex::new(default),
            requests: watch::Sender::new(Vec::new()),
            open_streams: watch::Sender::new(0),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, accepting })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL for OpenAI clients.
    pub fn openai_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The base URL for Anthropic clients.
    pub fn anthropic_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The base URL without any path, for hosts of rerankers and for Ollama.
    pub fn root_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next request (after those already scripted) gets this reply.
    pub fn reply(&self, reply: Reply) {
        self.shared.replies.lock().push_back(reply);
    }

    /// Requests without a script get this answer from now on.
    pub fn answer_with(&self, default: DefaultAnswer) {
        *self.shared.default.lock() = default;
    }

    /// The requests so far, oldest first.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.requests.borrow().clone()
    }

    /// Resolves when this many requests have come.
    pub async fn wait_for_requests(&self, count: usize) {
        let mut requests = self.shared.requests.subscribe();
        // It cannot be closed: the sender is ours.
        let _open = requests.wait_for(|requests| requests.len() >= count).await;
    }

    /// How many streamed answers are under way.
    pub fn open_streams(&self) -> usize {
        *self.shared.open_streams.borrow()
    }

    /// Resolves when no streamed answer is under way: all have ended or their readers have gone.
    pub async fn wait_until_idle(&self) {
        let mut open = self.shared.open_streams.subscribe();
        let _open = open.wait_for(|open| *open == 0).await;
    }

    /// Serves until the process ends.
    ///
    /// # Errors
    /// When the server's task died.
    pub async fn serve(mut self) -> io::Result<()> {
        (&mut self.accepting).await.map_err(io::Error::other)
    }
}

impl Drop for ScriptedProvider {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    // Connections end with the server: the set aborts them when it is dropped.
    let mut connections = JoinSet::new();
    let mut count = 0;
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                connections.spawn(serve_connection(stream, count, Arc::clone(&shared)));
                count += 1;
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve_connection(stream: TcpStream, connection: usize, shared: Arc<Shared>) {
    // A second handle on the socket, with which a script can reset the connection.
    let Ok((stream, socket)) = split(stream) else { return };
    let socket = Arc::new(socket);
    let service = service_fn(move |request| {
        answer(request, connection, Arc::clone(&shared), Arc::clone(&socket))
    });
    // A broken connection is what some scripts ask for.
    let _broken = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn split(stream: TcpStream) -> io::Result<(TcpStream, Socket)> {
    stream.set_nodelay(true)?;
    let stream = stream.into_std()?;
    let socket = Socket::from(stream.try_clone()?);
    Ok((TcpStream::from_std(stream)?, socket))
}

async fn answer(
    request: Request<Incoming>,
    connection: usize,
    shared: Arc<Shared>,
    socket: Arc<Socket>,
) -> Result<Response<Body>, Infallible> {
    let (parts, incoming) = request.into_parts();
    let bytes = incoming.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let request = RecordedRequest {
        method: parts.method.to_string(),
        path: parts.uri.to_string(),
        headers: parts.headers,
        body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        connection,
    };
    let wanted = dialect::wanted(&parts.method, &request);
    shared.requests.send_modify(|requests| requests.push(request.clone()));
    Ok(match wanted {
        Wanted::Answer(dialect) => {
            let scripted = shared.replies.lock().pop_front();
            let reply = scripted.unwrap_or_else(|| shared.default.lock().reply(&request));
            respond(dialect, &request, reply, socket, &shared)
        }
        Wanted::Retrieved(kind) => {
            let scripted = shared.replies.lock().pop_front();
            let whole = || dialect::retrieved(kind, &request);
            scripted
                .map_or_else(|| json_response(StatusCode::OK, &whole()), |r| whole_reply(&r, whole))
        }
        Wanted::Models(dialect) => json_response(StatusCode::OK, &dialect::models(dialect)),
        Wanted::Unknown => {
            let error = dialect::error(Dialect::OpenAi, "not_found_error", "no such route");
            json_response(StatusCode::NOT_FOUND, &error)
        }
    })
}

/// A scripted answer to a request that is never streamed: an error, the script's own body, or what
/// would have been answered without it.
fn whole_reply(reply: &Reply, otherwise: impl FnOnce() -> Value) -> Response<Body> {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let bytes = match (&reply.error, &reply.body) {
        (Some((kind, message)), _) => {
            Bytes::from(dialect::error(Dialect::OpenAi, kind, message).to_string())
        }
        (None, Some(body)) => body.clone(),
        (None, None) => Bytes::from(otherwise().to_string()),
    };
    let pieces = cut(bytes, &reply.framing).into_iter().map(|piece| Ok(Frame::data(piece)));
    let body = BodyExt::boxed_unsync(StreamBody::new(futures_util::stream::iter(pieces)));
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    add_headers(&mut response, reply.headers.clone());
    response
}

fn add_headers(response: &mut Response<Body>, headers: Vec<(String, String)>) {
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) =
            (http::HeaderName::try_from(name), http::HeaderValue::try_from(value))
        {
            response.headers_mut().insert(name, value);
        }
    }
}

fn respond(
    dialect: Dialect,
    request: &RecordedRequest,
    reply: Reply,
    socket: Arc<Socket>,
    shared: &Shared,
) -> Response<Body> {
    let headers = reply.headers.clone();
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match &reply.error {
        Some((kind, message)) => json_response(status, &dialect::error(dialect, kind, message)),
        None if request.body["stream"] != true => {
            json_response(status, &dialect::whole(dialect, request, &reply))
        }
        None => {
            let writer = Writer::new(dialect, request, &reply);
            let open = OpenStream::new(&shared.open_streams);
            let stream = body(reply, writer, socket, open).map_ok(Frame::data).boxed();
            let mut response = Response::new(BodyExt::boxed_unsync(StreamBody::new(stream)));
            *response.status_mut() = status;
            response.headers_mut().insert(
                CONTENT_TYPE,
                http::HeaderValue::from_static("text/event-stream; charset=utf-8"),
            );
            response
        }
    };
    add_headers(&mut response, headers);
    response
}

fn json_response(status: StatusCode, value: &Value) -> Response<Body> {
    let bytes = Full::new(Bytes::from(value.to_string()));
    let mut response = Response::new(bytes.map_err(|never| match never {}).boxed_unsync());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
}
