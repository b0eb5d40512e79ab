//! Builds from the configuration what reads files, fetches pages, makes vectors and orders hits.
//! Nothing is loaded or asked yet, but by the checks that look before anybody starts.

use std::sync::Arc;

use vpaura_config::{Config, ExtractConfig, KnowledgeConfig, ScannerAddress};
use vpaura_domain::{Clock, EmbedderStamp};
use vpaura_knowledge::extract::{ChildProgram, ExtractLimits, Extractor};
use vpaura_llm::{
    Embedder, EmbedderOptions, FetchSettings, Fetcher, Jitter, ModelRef, Reranker, RouterSettings,
};
use vpaura_local_models::{LOCAL, LocalModels, LocalSettings};

use crate::assemble::router_settings;
use crate::files::{FileStorage, Scanner};
use crate::{Error, MakeEmbedder, Result};

/// What reads files: this very program, started anew for each of them.
///
/// # Errors
/// When the program's own path cannot be told.
pub(crate) fn extractor(config: &ExtractConfig) -> Result<Extractor> {
    let program = std::env::current_exe()?;
    let child = ChildProgram { program, args: vec!["extract-child".into()] };
    Ok(Extractor::new(child, extract_limits(config)))
}

/// The limits of each reading of a file.
pub fn extract_limits(config: &ExtractConfig) -> ExtractLimits {
    ExtractLimits {
        memory: config.memory_bytes,
        cpu: config.cpu,
        wall: config.wall,
        text_bytes: config.text_bytes,
        children: config.children,
        wait: config.wait,
    }
}

/// Whether files can be kept: in the folder for what comes in, and in the bucket where there is
/// one.
///
/// # Errors
/// What stops the engine at its start, and [`Error::StorageUnavailable`] for a bucket that does not
/// answer, which the engine itself waits for.
pub async fn check_file_storage(config: &Config) -> Result<()> {
    /// The hash of no content.
    const NONE: &str = "none";
    let storage = FileStorage::open(&config.data.dir.join("files"), &config.files.storage).await?;
    storage.side(NONE).await.map(drop)
}

/// Whether the virus scanner says of an empty file that it is clean.
///
/// # Errors
/// [`Error::ScannerUnavailable`] when it does not.
pub async fn check_scanner(address: &ScannerAddress) -> Result<()> {
    Scanner::new(address.clone()).scan(tempfile::tempfile()?).await
}

/// What fetches pages of the web.
pub(crate) fn fetcher(config: &KnowledgeConfig) -> Result<Fetcher> {
    let settings = FetchSettings {
        allow_private: config.allow_private_urls,
        bytes: config.url_bytes,
        time: config.url_timeout,
        ..FetchSettings::default()
    };
    Fetcher::new(&settings).map_err(Error::Models)
}

/// The configured models that searches use.
pub(crate) struct KnowledgeModels {
    /// What turns texts into vectors.
    pub(crate) embedder: Option<Arc<dyn Embedder>>,
    /// What makes those that were configured before.
    pub(crate) former_embedder: MakeEmbedder,
    /// What orders hits.
    pub(crate) reranker: Option<Arc<dyn Reranker>>,
}

/// Whether the configured embedder and reranker can be. Neither is loaded or asked.
///
/// # Errors
/// [`Error::Settings`] for a model that cannot be.
pub fn check_knowledge_models(config: &Config, clock: &Arc<dyn Clock>) -> Result<()> {
    KnowledgeModels::of(config, clock).map(drop)
}

impl KnowledgeModels {
    /// # Errors
    /// [`Error::Settings`] for a model that cannot be.
    pub(crate) fn of(config: &Config, clock: &Arc<dyn Clock>) -> Result<Self> {
        let knowledge = &config.knowledge;
        let (embedder, reranker) = (parsed(&knowledge.embedder)?, parsed(&knowledge.reranker)?);
        let is_local = |model: &ModelRef| model.provider == LOCAL;
        let local = embedder.iter().chain(&reranker).any(is_local);
        let local = local.then(|| LocalModels::new(local_settings(knowledge))).transpose();
        let local = local.map_err(Error::Models)?;
        let embedder = embedder.map(|model| match local.as_ref().filter(|_| is_local(&model)) {
            Some(local) => local.embedder(&model.model).map_err(|e| wrong("embedder", &e)),
            None => {
                let router = router_settings(&config.llm)?;
                remote_embedder(&router, knowledge, &model, clock)
            }
        });
        let reranker = reranker.map(|model| match local.as_ref().filter(|_| is_local(&model)) {
            Some(local) => local.reranker(&model.model).map_err(|e| wrong("reranker", &e)),
            None => vpaura_llm::reranker(
                &router_settings(&config.llm)?,
                &model,
                Arc::clone(clock),
                Jitter::random(),
            )
            .map_err(|error| wrong("reranker", &error)),
        });
        Ok(Self {
            embedder: embedder.transpose()?,
            former_embedder: former_embedder(config, clock)?,
            reranker: reranker.transpose()?,
        })
    }
}

fn former_embedder(config: &Config, clock: &Arc<dyn Clock>) -> Result<MakeEmbedder> {
    let (router, clock) = (router_settings(&config.llm)?, Arc::clone(clock));
    let knowledge = config.knowledge.clone();
    Ok(Arc::new(move |stamp: &EmbedderStamp| {
        let unnamed = || Error::Settings(format!("{:?} is not provider/model", stamp.model));
        let model: ModelRef = stamp.model.parse().map_err(|_| unnamed())?;
        if model.provider == LOCAL {
            let local = LocalModels::new(local_settings(&knowledge)).map_err(Error::Models)?;
            return local.embedder(&model.model).map_err(|error| wrong("embedder", &error));
        }
        // Nobody knows any more whether it was asked for a dimension.
        let sizes = (stamp.dimension, knowledge.embed_batch);
        vpaura_llm::fitting_embedder(&router, &model, sizes, &clock, &Jitter::random())
            .map_err(|error| wrong("embedder", &error))
    }))
}

fn remote_embedder(
    router: &RouterSettings,
    knowledge: &KnowledgeConfig,
    model: &ModelRef,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn Embedder>> {
    let options =
        EmbedderOptions { dimensions: knowledge.dimensions, batch: knowledge.embed_batch };
    vpaura_llm::embedder(router, model, options, Arc::clone(clock), Jitter::random())
        .map_err(|error| wrong("embedder", &error))
}

fn local_settings(config: &KnowledgeConfig) -> LocalSettings {
    LocalSettings {
        models_dir: config.models_dir.clone(),
        hub_url: config.hub_url.clone(),
        threads: config.model_threads,
    }
}

/// A model's name, which the configuration has found to be one.
fn parsed(name: &Option<String>) -> Result<Option<ModelRef>> {
    let parse = |name: &String| {
        name.parse().map_err(|_| Error::Settings(format!("{name:?} is not provider/model")))
    };
    name.as_ref().map(parse).transpose()
}

fn wrong(key: &str, error: &dyn std::fmt::Display) -> Error {
    Error::Settings(format!("knowledge.{key}: {error}"))
}
