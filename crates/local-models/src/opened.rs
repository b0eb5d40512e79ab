//! Models that are opened when they are first used, and fetched before if they are not here. Both
//! may take long, and go on when whoever asked has given up: the model is there for the next.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::{Mutex, watch};
use tokio::task::{AbortHandle, spawn_blocking};
use vpaura_llm::{Embedder, Fetcher, LlmError, Purpose, Reranker};

use crate::folder::Folder;
use crate::hub::fetch_model;
use crate::{LocalEmbedder, LocalReranker, ModelError, Workers};

/// Where a model is, and how it is opened.
pub(crate) struct Source<M> {
    /// With the prefix [`LOCAL`](crate::LOCAL).
    pub(crate) full_name: String,
    /// What it is called at the hub; none when it can only be a folder.
    pub(crate) hub_name: Option<String>,
    pub(crate) folder: PathBuf,
    pub(crate) hub_url: String,
    pub(crate) fetcher: Arc<Fetcher>,
    pub(crate) workers: Workers,
    pub(crate) load: fn(&str, &Path, Workers) -> Result<M, ModelError>,
}

/// A model that is opened once, in a task of its own.
pub(crate) struct Opened<M> {
    source: Arc<Source<M>>,
    /// The last opening; none before the first use.
    opening: Mutex<Option<Opening<M>>>,
}

/// What came of an opening; none while it is under way.
type Outcome<M> = Option<Result<Arc<M>, LlmError>>;

/// An opening. Dropping it ends it.
struct Opening<M> {
    outcome: watch::Receiver<Outcome<M>>,
    task: AbortHandle,
}

impl<M: Send + Sync + 'static> Source<M> {
    async fn open(&self) -> Result<M, ModelError> {
        if let Some(hub_name) = self.hub_name.as_deref()
            && !Folder::new(&self.folder).is_there()
        {
            fetch_model(&self.fetcher, &self.hub_url, hub_name, &self.folder).await?;
        }
        let (name, folder) = (self.full_name.clone(), self.folder.clone());
        let (load, workers) = (self.load, self.workers.clone());
        spawn_blocking(move || load(&name, &folder, workers))
            .await
            .map_err(|_| ModelError::Stopped)?
    }
}

impl<M: Send + Sync + 'static> Opening<M> {
    fn begin(source: Arc<Source<M>>) -> Self {
        let (tell, outcome) = watch::channel(None);
        let task = tokio::spawn(async move {
            let opened = source.open().await.map(Arc::new).map_err(|error| {
                // Whoever asked may be gone.
                tracing::warn!(%error, model = source.full_name, "a local model cannot be opened");
                LlmError::from(error)
            });
            tell.send_replace(Some(opened));
        });
        Self { outcome, task: task.abort_handle() }
    }

    /// Whether it is over without a model.
    fn has_failed(&self) -> bool {
        let is_over = self.task.is_finished();
        self.outcome.borrow().as_ref().map_or(is_over, Result::is_err)
    }
}

impl<M> Drop for Opening<M> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl<M: Send + Sync + 'static> Opened<M> {
    /// Nothing is opened yet.
    pub(crate) fn new(source: Source<M>) -> Self {
        Self { source: Arc::new(source), opening: Mutex::new(None) }
    }

    /// The model, as soon as it is open.
    async fn get(&self) -> Result<Arc<M>, LlmError> {
        let (outcome, _) = self.outcome().await;
        model_of(outcome).await
    }

    /// The model, if it is open or this is the first to ask; who asks while it is being opened is
    /// told so at once.
    async fn get_unless_opening(&self) -> Result<Arc<M>, LlmError> {
        let (outcome, is_first) = self.outcome().await;
        if !is_first && outcome.borrow().is_none() {
            return Err(ModelError::Opening.into());
        }
        model_of(outcome).await
    }

    /// What comes of the opening, and whether it has just begun. What failed is tried anew.
    async fn outcome(&self) -> (watch::Receiver<Outcome<M>>, bool) {
        let mut opening = self.opening.lock().await;
        if let Some(known) = opening.as_ref().filter(|known| !known.has_failed()) {
            return (known.outcome.clone(), false);
        }
        let begun = Opening::begin(Arc::clone(&self.source));
        let outcome = begun.outcome.clone();
        *opening = Some(begun);
        (outcome, true)
    }
}

async fn model_of<M>(mut outcome: watch::Receiver<Outcome<M>>) -> Result<Arc<M>, LlmError> {
    let stopped = || Err(ModelError::Stopped.into());
    match outcome.wait_for(Option::is_some).await {
        Ok(outcome) => outcome.clone().unwrap_or_else(stopped),
        Err(_) => stopped(),
    }
}

#[async_trait]
impl Embedder for Opened<LocalEmbedder> {
    fn model(&self) -> &str {
        &self.source.full_name
    }

    async fn dimension(&self) -> Result<u32, LlmError> {
        self.get().await?.dimension().await
    }

    async fn embed(&self, texts: &[String], purpose: Purpose) -> Result<Vec<Vec<f32>>, LlmError> {
        self.get().await?.embed(texts, purpose).await
    }
}

#[async_trait]
impl Reranker for Opened<LocalReranker> {
    fn model(&self) -> &str {
        &self.source.full_name
    }

    /// A search is good without it, and need not wait for minutes.
    async fn rerank(&self, query: &str, texts: &[String]) -> Result<Vec<f32>, LlmError> {
        self.get_unless_opening().await?.rerank(query, texts).await
    }
}
