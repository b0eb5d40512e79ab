//! Builds an engine from the configuration: database, cache, models, prompts and files.

use std::sync::Arc;

use secrecy::ExposeSecret;
use vpaura_config::{Config, LlmConfig};
use vpaura_domain::{Clock, IdGen, RandomIds, SystemClock};
use vpaura_llm::{
    BreakerSettings, LimitSettings, LlmError, ModelRef, ModelSettings, Price, ProviderSettings,
    RetrySettings, Router, RouterSettings, TimerSettings,
};
use vpaura_store::{Store, StoreSettings};

use crate::assemble_identity::{identity_providers, mailer};
use crate::assemble_knowledge::{KnowledgeModels, extractor, fetcher};
use crate::{Engine, EngineSettings, Error, Parts, Prompts, Result};

const BUILTIN: &str = "builtin";

impl Engine {
    /// Connects to everything the configuration names, brings the database's schema up to date,
    /// and starts.
    pub async fn assemble(config: &Config) -> Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = Store::connect(&store_settings(config), Arc::clone(&clock)).await?;
        store.migrate_up().await?;
        let ids: Arc<dyn IdGen> = Arc::new(RandomIds);
        let redis = config.redis.url.as_ref().map(|url| url.expose_secret());
        let models = KnowledgeModels::of(config, &clock)?;
        Self::start(Parts {
            store,
            kv: vpaura_kv::connect(redis).await?,
            models: model_router(&config.llm, Arc::clone(&clock))?,
            prompts: Prompts::load(config.prompts.dir.as_deref(), config.app.is_development())?,
            files: config.data.dir.join("files"),
            extractor: extractor(&config.files.extract)?,
            fetcher: fetcher(&config.knowledge)?,
            embedder: models.embedder,
            former_embedder: models.former_embedder,
            reranker: models.reranker,
            mailer: mailer(config, &clock, &ids)?,
            providers: identity_providers(config, &clock)?,
            clock,
            ids,
            settings: EngineSettings::from(config),
        })
        .await
    }
}

/// How to reach the configured database.
pub fn store_settings(config: &Config) -> StoreSettings {
    StoreSettings {
        max_connections: config.database.pool_size,
        overflow: config.database.max_overflow,
        ..StoreSettings::new(config.database.url.expose_secret())
    }
}

/// The configured models.
///
/// # Errors
/// [`Error::Models`] when the configuration names a provider or model that cannot be.
pub fn model_router(config: &LlmConfig, clock: Arc<dyn Clock>) -> Result<Router> {
    Router::new(router_settings(config)?, clock).map_err(Error::Models)
}

/// The configured models, as the router takes them.
pub(crate) fn router_settings(config: &LlmConfig) -> Result<RouterSettings> {
    let model = |name: &String| {
        name.parse::<ModelRef>().map_err(|_| {
            Error::Models(LlmError::Settings(format!("{name:?} is not provider/model")))
        })
    };
    let default_model = model(&config.model)?;
    let fallbacks = config.fallbacks.iter().map(model).collect::<Result<Vec<_>>>()?;
    Ok(RouterSettings {
        providers: config.providers.iter().map(|p| provider(config, p)).collect(),
        default_model: (default_model.provider != BUILTIN).then_some(default_model),
        fallbacks,
        timers: TimerSettings {
            connect: config.timers.connect,
            first_token: config.timers.first_token,
            between_tokens: config.timers.idle,
            total: config.timers.total,
        },
        retry: RetrySettings {
            attempts: config.retry.max_attempts,
            base: config.retry.base,
            cap: config.retry.max,
            ..RetrySettings::default()
        },
        breaker: BreakerSettings {
            consecutive_failures: config.breaker.failures,
            open_for: config.breaker.cooldown,
            ..BreakerSettings::default()
        },
        limits: LimitSettings {
            answer_bytes: config.max_answer_bytes as u64,
            ..LimitSettings::default()
        },
    })
}

fn provider(config: &LlmConfig, provider: &vpaura_config::ProviderConfig) -> ProviderSettings {
    let models = provider.models.iter().map(|name| {
        let known = config.models.get(&format!("{}/{name}", provider.name));
        let known = known.cloned().unwrap_or_default();
        let price = known.input_price.or(known.output_price).map(|_| {
            let input = known.input_price.unwrap_or(0);
            Price {
                input,
                cached: known.cached_price.unwrap_or(input),
                cache_written: input,
                output: known.output_price.unwrap_or(0),
            }
        });
        ModelSettings {
            name: name.clone(),
            display_name: None,
            context_window: known.context_window,
            max_output: known.max_output,
            tools: known.tools,
            price,
        }
    });
    ProviderSettings {
        name: provider.name.clone(),
        kind: provider.kind.clone(),
        base_url: provider.base_url.clone(),
        api_key: provider.api_key.clone(),
        api_version: provider.api_version.clone(),
        models: models.collect(),
    }
}
