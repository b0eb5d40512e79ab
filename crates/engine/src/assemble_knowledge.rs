//! Builds from the configuration what reads files, fetches pages, makes vectors and orders hits.
//! Nothing is loaded or asked yet.

use std::sync::Arc;

use vpaura_config::{Config, ExtractConfig, KnowledgeConfig};
use vpaura_domain::Clock;
use vpaura_knowledge::extract::{ChildProgram, ExtractLimits, Extractor};
use vpaura_llm::{Embedder, EmbedderOptions, FetchSettings, Fetcher, Jitter, ModelRef, Reranker};
use vpaura_local_models::{LOCAL, LocalModels, LocalSettings};

use crate::assemble::router_settings;
use crate::{Error, Result};

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
    }
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
    /// What orders hits.
    pub(crate) reranker: Option<Arc<dyn Reranker>>,
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
            None => remote_embedder(config, &model, clock),
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
        Ok(Self { embedder: embedder.transpose()?, reranker: reranker.transpose()? })
    }
}

fn remote_embedder(
    config: &Config,
    model: &ModelRef,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn Embedder>> {
    let options = EmbedderOptions {
        dimensions: config.knowledge.dimensions,
        batch: config.knowledge.embed_batch,
    };
    let router = router_settings(&config.llm)?;
    vpaura_llm::embedder(&router, model, options, Arc::clone(clock), Jitter::random())
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
