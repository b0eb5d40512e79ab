//! An engine in this process.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use vpaura_config::{Config, Sources};
use vpaura_domain::{Clock, IdGen, RandomIds, SystemClock};
use vpaura_engine::{Engine, EngineSettings, Parts, Prompts, extract_limits};
use vpaura_knowledge::extract::{ChildProgram, Extractor};
use vpaura_llm::{Embedder, FetchSettings, Fetcher, Router, RouterSettings};
use vpaura_store::{Store, StoreSettings};

use crate::error::Result;

/// The argument that makes this program read a file.
pub const CHILD: &str = "extract-child";

/// An engine on this database, with this embedder.
pub async fn engine(
    folder: &Path,
    database: Option<&str>,
    embedder: Option<Arc<dyn Embedder>>,
) -> Result<Engine> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids: Arc<dyn IdGen> = Arc::new(RandomIds);
    let sources = Sources {
        env: BTreeMap::from([("DATA_DIR".to_owned(), folder.display().to_string())]),
        directory: folder.to_owned(),
        entropy: || Ok([7; 32]),
    };
    let config = Config::load(&sources)?;
    let sqlite = format!("sqlite://{}?mode=rwc", folder.join("vpaura.db").display());
    let settings = StoreSettings::new(database.unwrap_or(&sqlite));
    let store = Store::connect(&settings, Arc::clone(&clock)).await?;
    store.migrate_up().await?;
    let child = ChildProgram { program: std::env::current_exe()?, args: vec![CHILD.into()] };
    Ok(Engine::start(Parts {
        store,
        kv: Arc::new(vpaura_kv::MemoryKv::new()),
        models: Router::new(RouterSettings::default(), Arc::clone(&clock))?,
        prompts: Prompts::load(None, false)?,
        files: folder.join("files"),
        extractor: Extractor::new(child, extract_limits(&config.files.extract)),
        fetcher: Fetcher::new(&FetchSettings::default())?,
        embedder,
        former_embedder: Arc::new(|_| {
            Err(vpaura_engine::Error::Settings("there was no other embedder".to_owned()))
        }),
        reranker: None,
        mailer: vpaura_auth::Mailer::disabled(Arc::clone(&clock), Arc::clone(&ids)),
        providers: Vec::new(),
        clock,
        ids,
        settings: EngineSettings::from(&config),
    })
    .await?)
}
