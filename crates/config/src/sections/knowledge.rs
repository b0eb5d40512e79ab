//! `[knowledge]`: what turns texts into vectors and judges passages, and where local models and
//! foreign pages come from.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::model;
use crate::reader::Reader;
use crate::sections::llm::ProviderConfig;

/// `[knowledge]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnowledgeConfig {
    /// What embeds new collections, as `provider/model` or `local/model`; `None` leaves it to
    /// full text.
    pub embedder: Option<String>,
    /// How many numbers a vector shall have; `None` leaves it to the model.
    pub dimensions: Option<u32>,
    /// Most texts of one request to an embedder.
    pub embed_batch: usize,
    /// What judges the passages found, as `provider/model` or `local/model`; `None` is nobody.
    pub reranker: Option<String>,
    /// Folder of local models. It may not exist yet.
    pub models_dir: PathBuf,
    /// Hub that missing local models are fetched from, without a slash at the end.
    pub hub_url: String,
    /// Threads that local models run on; `None` takes as many as the machine has.
    pub model_threads: Option<NonZeroUsize>,
    /// Most documents that are being worked on at once.
    pub workers: usize,
    /// Largest page fetched from a foreign address, in bytes.
    pub url_bytes: u64,
    /// Longest fetch of one.
    pub url_timeout: Duration,
    /// Whether addresses of private networks may be fetched.
    pub allow_private_urls: bool,
    /// Memory for what searches need again, in bytes.
    pub cache_bytes: u64,
}

/// The name that local models have instead of a provider's.
const LOCAL: &str = "local";

impl KnowledgeConfig {
    /// Relative folders are in `directory`; local models in `data_dir` where nothing else is said.
    pub(crate) fn read(
        r: &mut Reader<'_>,
        directory: &Path,
        data_dir: &Path,
        providers: &[ProviderConfig],
    ) -> Self {
        let models_dir = r.optional_text("knowledge.models_dir");
        Self {
            embedder: model_name(r, "knowledge.embedder", providers),
            dimensions: r.optional_integer("knowledge.dimensions", 8..=65_536),
            embed_batch: r.integer("knowledge.embed_batch", 1..=2_048),
            reranker: model_name(r, "knowledge.reranker", providers),
            models_dir: models_dir.map_or_else(
                || data_dir.join("models"),
                |dir| directory.join(dir.trim_start_matches("./")),
            ),
            hub_url: r
                .parsed("knowledge.hub_url", "an http or https URL", model::parse_base_url)
                .unwrap_or_default(),
            model_threads: r
                .optional_integer("knowledge.model_threads", 1..=1_024)
                .and_then(NonZeroUsize::new),
            workers: r.integer("knowledge.workers", 1..=64),
            url_bytes: r.integer("knowledge.url_bytes", 1_024..=2_147_483_648),
            url_timeout: r.seconds("knowledge.url_timeout_seconds", 1..=3_600),
            allow_private_urls: r.boolean("knowledge.allow_private_urls"),
            cache_bytes: r.integer("knowledge.cache_bytes", 1_048_576..=1_099_511_627_776),
        }
    }
}

/// A model by its full name, whose provider must be known.
fn model_name(r: &mut Reader<'_>, key: &str, providers: &[ProviderConfig]) -> Option<String> {
    let name = r.optional_text(key)?;
    let known = |provider: &str| {
        provider == LOCAL
            || model::LOCAL_HOSTS.contains(&provider)
            || providers.iter().any(|known| known.name == provider)
    };
    match name.split_once('/') {
        Some((provider, model)) if known(provider) && !model.is_empty() => Some(name),
        _ => {
            r.refuse(key, "provider/model of a configured provider, or local/model");
            None
        }
    }
}
