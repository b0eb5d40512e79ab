//! The folder of local models, and the models in it by their names.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use vpaura_llm::{Embedder, FetchSettings, Fetcher, LlmError, Reranker};

use crate::folder::Folder;
use crate::opened::{Opened, Source};
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

    fn opened<M: Send + Sync + 'static>(
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
        Ok(Opened::new(Source {
            full_name: format!("{LOCAL}/{name}"),
            hub_name,
            folder,
            hub_url: self.settings.hub_url.clone(),
            fetcher: Arc::clone(&self.fetcher),
            workers: self.workers.clone(),
            load,
        }))
    }
}

/// Whether a part of a name can be that of a folder and of an address alike.
fn is_plain(part: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    !part.is_empty() && !part.starts_with('.') && part.chars().all(plain)
}
