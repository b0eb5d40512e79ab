//! Chats with an engine in this process, on the configured database.

use std::path::Path;
use std::time::Duration;

use futures_util::stream;
use vpaura_domain::{FileId, MultitaskStrategy, RunEvent, RunId, Scope};
use vpaura_engine::{Engine, RunInput, RunReader, StartRun, Target};

use super::Message;
use super::questions::Answers;
use crate::commands::load_config;
use crate::error::{Error, Result};

/// An engine of our own.
pub(super) struct Local {
    engine: Engine,
    scope: Scope,
    run: Option<Following>,
}

/// A run being followed.
struct Following {
    id: RunId,
    reader: RunReader,
    after: u64,
}

impl Local {
    pub(super) async fn start() -> Result<Self> {
        let engine = Engine::assemble(&load_config()?).await?;
        Ok(Self { engine, scope: Scope::operator(), run: None })
    }

    pub(super) async fn stop(self) {
        self.engine.stop(Duration::from_secs(5)).await;
    }

    pub(super) async fn start_run(&mut self, message: &Message) -> Result<()> {
        let mut file_ids = Vec::new();
        for path in &message.files {
            file_ids.push(self.upload(path).await?);
        }
        let model = message.model.as_deref().map(str::parse).transpose();
        let model = model.map_err(|_| Error::Server("--model must be provider/model".into()))?;
        let started = self
            .engine
            .start_run(
                &self.scope,
                StartRun {
                    target: message.conversation.map_or(Target::New(None), Target::Existing),
                    input: RunInput::Message {
                        text: message.text.clone(),
                        file_ids,
                        parent_id: None,
                        history: Vec::new(),
                    },
                    model,
                    temperature: None,
                    max_tokens: None,
                    chatbot_id: None,
                    preview: None,
                    multitask: MultitaskStrategy::Reject,
                    idempotency: None,
                },
            )
            .await?;
        self.run = Some(Following { id: started.run.id, reader: started.reader, after: 0 });
        Ok(())
    }

    async fn upload(&self, path: &Path) -> Result<FileId> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        let bytes = tokio::fs::read(path).await.map_err(|error| Error::File {
            path: path.display().to_string(),
            reason: error.to_string(),
        })?;
        let content = stream::iter([Ok::<_, vpaura_engine::Error>(bytes.into())]);
        let upload = self.engine.upload_file(&self.scope, None, &name, content, None).await?;
        Ok(upload.file.id)
    }

    pub(super) async fn next(&mut self) -> Result<Option<Vec<RunEvent>>> {
        let Some(run) = &mut self.run else { return Ok(None) };
        let events = run.reader.next().await?;
        run.after = events.iter().flatten().last().map_or(run.after, |event| event.seq);
        Ok(events)
    }

    pub(super) async fn cancel(&mut self) -> Result<()> {
        if let Some(run) = &self.run {
            self.engine.cancel_run(&self.scope, run.id).await?;
        }
        Ok(())
    }

    pub(super) async fn answer(&mut self, answers: Answers) -> Result<()> {
        if let Some(run) = &self.run {
            self.engine.resume_run(&self.scope, run.id, answers).await?;
        }
        Ok(())
    }

    pub(super) async fn follow_on(&mut self) -> Result<()> {
        if let Some(run) = &mut self.run {
            run.reader = self.engine.follow_run(&self.scope, run.id, run.after).await?;
        }
        Ok(())
    }
}
