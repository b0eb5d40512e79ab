//! The folder of local models, and models that are opened when they are first needed.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use vpaura_llm::{Embedder, FetchSettings, Fetcher, LlmError, Purpose, Reranker};

use crate::folder::Folder;
use crate::hub::fetch_model;
use crate::{LocalEmbedder, LocalReranker, ModelError, Workers};

/// The name that local models have instead of a provider's.
pub const LOCAL: &str = "local";

/// The largest file of a model.
const MOST_BYTES: u64 = 8 * 1024 * 1024 * 1024;
/// The longest fetch of one file.
const LONGEST_FETCH: Duration = Duration::from_secs(7_200);

/// Where models are kept, and where those that are missing come from.
#[derive(Debug, Clone)]
pub struct LocalSettings {
    /// The folder of models. It may not exist yet.
    pub models_dir: PathBuf,
    /// The address of the hub; it is the operator's choice, so it may be a private one.
    pub hub_url: String,
    /// On how many threads models run; absent: on as many as the machine has.
    pub threads: Option<NonZeroUsize>,
}

/// The local models. All share their threads.
pub struct LocalModels {
    settings: LocalSettings,
    fetcher: Arc<Fetcher>,
    workers: Workers,
}

/// A model that is opened when it is first used, and fetched before if it is not here.
struct Opened<M> {
    /// With the prefix [`LOCAL`].
    full_name: String,
    /// What it is called at the hub; none when it can only be a folder.
    hub_name: Option<String>,
    folder: PathBuf,
    hub_url: String,
    fetcher: Arc<Fetcher>,
    workers: Workers,
    load: fn(&str, &Path, Workers) -> Result<M, ModelError>,
    model: OnceCell<M>,
}

impl LocalModels {
    /// Nothing is loaded or fetched yet.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(settings: LocalSettings) -> Result<Self, LlmError> {
        let fetcher = Fetcher::new(&FetchSettings {
            allow_private: true,
            bytes: MOST_BYTES,
            time: LONGEST_FETCH,
            ..FetchSettings::default()
        })?;
        let workers = Workers::new(settings.threads);
        Ok(Self { settings, fetcher: Arc::new(fetcher), workers })
    }

    /// The embedder `name`: a folder of the models folder, or `organisation/name`, which is
    /// fetched from the hub when it is first used and not here.
    ///
    /// # Errors
    /// When the name can be neither, or the folder is not that of a model.
    pub fn embedder(&self, name: &str) -> Result<Arc<dyn Embedder>, ModelError> {
        Ok(Arc::new(self.opened(name, LocalEmbedder::load)?))
    }

    /// The reranker `name`, as [`LocalModels::embedder`].
    ///
    /// # Errors
    /// See there.
    pub fn reranker(&self, name: &str) -> Result<Arc<dyn Reranker>, ModelError> {
        Ok(Arc::new(self.opened(name, LocalReranker::load)?))
    }

    fn opened<M>(
        &self,
        name: &str,
        load: fn(&str, &Path, Workers) -> Result<M, ModelError>,
    ) -> Result<Opened<M>, ModelError> {
        let parts: Vec<&str> = name.split('/').collect();
        if parts.len() > 2 || !parts.iter().copied().all(is_plain) {
            return Err(ModelError::BadName(name.to_owned()));
        }
        let folder: PathBuf =
            parts.iter().fold(self.settings.models_dir.clone(), |path, part| path.join(part));
        let hub_name = (parts.len() == 2).then(|| name.to_owned());
        let here = Folder::new(&folder);
        if hub_name.is_none() || here.is_there() {
            here.check()?;
        }
        Ok(Opened {
            full_name: format!("{LOCAL}/{name}"),
            hub_name,
            folder,
            hub_url: self.settings.hub_url.clone(),
            fetcher: Arc::clone(&self.fetcher),
            workers: self.workers.clone(),
            load,
            model: OnceCell::new(),
        })
    }
}

/// Whether a part of a name can be that of a folder and of an address alike.
fn is_plain(part: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    !part.is_empty() && !part.starts_with('.') && part.chars().all(plain)
}

impl<M: Send + Sync + 'static> Opened<M> {
    /// The model. What fails is tried anew the next time.
    async fn get(&self) -> Result<&M, LlmError> {
        Ok(self.model.get_or_try_init(|| self.open()).await?)
    }

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

#[async_trait]
impl Embedder for Opened<LocalEmbedder> {
    fn model(&self) -> &str {
        &self.full_name
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
        &self.full_name
    }

    async fn rerank(&self, query: &str, texts: &[String]) -> Result<Vec<f32>, LlmError> {
        self.get().await?.rerank(query, texts).await
    }
}
