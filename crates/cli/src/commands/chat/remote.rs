//! Chats with a server over its HTTP API, and resumes when the connection is lost.

use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::json;
use vpaura_domain::{Conversation, FileId, RunEvent, RunEventKind, RunId};
use vpaura_llm::SseReader;

use super::Message;
use super::questions::Answers;
use crate::api::{Api, Chunks};
use crate::error::{Error, Result};
use crate::terminal;

/// How often a lost connection is tried again.
const ATTEMPTS: u32 = 8;
/// The largest event: a whole stored answer.
const MAX_EVENT: usize = 32 * 1024 * 1024;

/// A server and the run it is executing for us.
pub(super) struct Remote {
    api: Api,
    run: Option<Following>,
}

/// A run being followed.
struct Following {
    chunks: Chunks,
    reader: SseReader,
    run_id: Option<RunId>,
    after: u64,
    ended: bool,
    /// The last event was a question, and we have not answered it.
    waits: bool,
    failures: u32,
}

#[derive(Deserialize)]
struct Uploaded {
    file_id: FileId,
}

impl Remote {
    /// Speaks to the server at `server`, as the holder of `key` or as a new visitor.
    pub(super) async fn connect(server: &str, key: Option<String>) -> Result<Self> {
        Ok(Self { api: Api::as_anyone(server, key).await?, run: None })
    }

    pub(super) async fn start_run(&mut self, message: &mut Message) -> Result<()> {
        let mut file_ids = Vec::new();
        for path in &message.files {
            file_ids.push(self.upload(path).await?);
        }
        let conversation = match message.conversation {
            Some(id) => id,
            None => self.api.post::<Conversation>("/conversations", &json!({})).await?.id,
        };
        message.conversation = Some(conversation);
        let mut body = json!({ "message": message.text, "file_ids": file_ids });
        if let Some(model) = &message.model {
            body["model"] = json!(model);
        }
        let path = format!("/conversations/{conversation}/runs");
        let chunks = self.api.post_and_follow(&path, &body).await?;
        self.run = Some(Following {
            chunks,
            reader: SseReader::new(MAX_EVENT),
            run_id: None,
            after: 0,
            ended: false,
            waits: false,
            failures: 0,
        });
        Ok(())
    }

    /// The next events; `None` after the last.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<RunEvent>>> {
        loop {
            let Some(run) = &mut self.run else { return Ok(None) };
            if run.ended {
                return Ok(None);
            }
            match run.chunks.next().await {
                Some(Ok(bytes)) => {
                    let events = run.take(&bytes)?;
                    if !events.is_empty() {
                        return Ok(Some(events));
                    }
                }
                // A run that waits for answers is not read on.
                None if run.waits => run.ended = true,
                Some(Err(_)) | None => self.resume().await?,
            }
        }
    }

    pub(super) async fn cancel(&mut self) -> Result<()> {
        self.order("cancel", &json!({})).await
    }

    pub(super) async fn answer(&mut self, answers: &Answers) -> Result<()> {
        self.order("resume", &json!({ "answers": answers })).await
    }

    /// Tells the run what to do. It does not wait for us after that.
    async fn order(&mut self, what: &str, body: &serde_json::Value) -> Result<()> {
        let Some(run_id) = self.run.as_ref().and_then(|run| run.run_id) else { return Ok(()) };
        let _: serde_json::Value = self.api.post(&format!("/runs/{run_id}/{what}"), body).await?;
        if let Some(run) = &mut self.run {
            run.waits = false;
        }
        Ok(())
    }

    /// Reads on after the last event, when the run has waited.
    pub(super) async fn follow_on(&mut self) -> Result<()> {
        let Some(run) = &mut self.run else { return Ok(()) };
        run.ended = false;
        let Some(run_id) = run.run_id else { return Ok(()) };
        let after = run.after;
        self.open_rest(run_id, after).await
    }

    /// Goes on where the lost connection ended.
    async fn resume(&mut self) -> Result<()> {
        let lost = || Error::Server("the connection to the server was lost".to_owned());
        let run = self.run.as_mut().ok_or_else(lost)?;
        let run_id = run.run_id.ok_or_else(lost)?;
        run.failures += 1;
        let (failures, after) = (run.failures, run.after);
        if failures > ATTEMPTS {
            return Err(lost());
        }
        terminal::note("\n[reconnecting]");
        tokio::time::sleep(Duration::from_millis(250 << failures.min(5))).await;
        self.open_rest(run_id, after).await
    }

    /// Reads the run's events after this one. When the server cannot be reached nothing changes.
    async fn open_rest(&mut self, run_id: RunId, after: u64) -> Result<()> {
        match self.api.follow(&format!("/runs/{run_id}/events?after={after}")).await {
            Ok(chunks) => {
                if let Some(run) = &mut self.run {
                    run.chunks = chunks;
                    run.reader = SseReader::new(MAX_EVENT);
                }
                Ok(())
            }
            // Refused for good, unless the server is only not back yet.
            Err(Error::Refusal { status, text }) if !passes(status) => {
                Err(Error::Refusal { status, text })
            }
            Err(_) => Ok(()),
        }
    }

    async fn upload(&self, path: &Path) -> Result<FileId> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        let uploaded = self.api.upload::<Uploaded>("/files/upload", &[], &name, path).await;
        let uploaded = uploaded.map_err(|error| match error {
            Error::Server(reason) | Error::Refusal { text: reason, .. } => {
                Error::File { path: path.display().to_string(), reason }
            }
            error => error,
        })?;
        Ok(uploaded.file_id)
    }
}

/// Whether a refusal of this status is over soon: too much was asked, or the server, or the one
/// behind a proxy, is just starting.
const fn passes(status: u16) -> bool {
    matches!(status, 429 | 502..=504)
}

impl Following {
    /// The events in these bytes that are new.
    fn take(&mut self, mut bytes: &[u8]) -> Result<Vec<RunEvent>> {
        let mut events = Vec::new();
        let bad = |error: String| Error::Server(format!("bad stream: {error}"));
        while let Some(frame) = self.reader.next(&mut bytes).map_err(|e| bad(e.to_string()))? {
            let event: RunEvent =
                serde_json::from_str(&frame.data).map_err(|e| bad(e.to_string()))?;
            if event.seq <= self.after {
                continue;
            }
            self.failures = 0;
            self.after = event.seq;
            self.run_id = Some(event.run_id);
            self.ended |= event.kind.is_terminal();
            self.waits = matches!(event.kind, RunEventKind::Interrupt { .. });
            events.push(event);
        }
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const RUN: &str = "00000000-0000-7000-8000-000000000001";

    /// What a run that has lost its connection gets from a server that says this, one after the
    /// other, to whoever asks.
    async fn regained(answers: &[(&str, &str)]) -> Result<Option<Vec<RunEvent>>> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        let serves = async {
            for (status, body) in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut asked = [0; 4096];
                assert_ne!(stream.read(&mut asked).await.unwrap(), 0);
                let length = body.len();
                let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n");
                let answer = format!("{head}connection: close\r\n\r\n{body}");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        };
        let mut remote = Remote {
            api: Api::new(&server, Some("key".to_owned())).unwrap(),
            run: Some(Following {
                chunks: Box::pin(futures_util::stream::empty()),
                reader: SseReader::new(MAX_EVENT),
                run_id: Some(RUN.parse().unwrap()),
                after: 0,
                ended: false,
                waits: false,
                failures: 0,
            }),
        };
        tokio::join!(remote.next(), serves).0
    }

    #[tokio::test]
    async fn a_server_that_is_just_starting_is_waited_for() {
        let event = json!({
            "run_id": RUN, "seq": 1, "epoch": 1, "at": "2026-01-02T03:04:05Z",
            "type": "run_cancelled",
        });
        let stream = format!("data: {event}\n\n");
        let events = regained(&[("503 Busy", ""), ("429 Many", ""), ("200 OK", &stream)]).await;
        assert_eq!(events.unwrap().unwrap()[0].kind, RunEventKind::RunCancelled);
    }

    #[tokio::test]
    async fn what_is_refused_for_good_ends_the_chat() {
        let refused = regained(&[("404 Not Found", "")]).await.unwrap_err();
        assert!(matches!(refused, Error::Refusal { status: 404, .. }), "{refused}");
        assert_eq!(refused.to_string(), "HTTP 404 Not Found");
        assert!([502, 504].into_iter().all(passes) && ![500, 401, 505].into_iter().any(passes));
    }
}
