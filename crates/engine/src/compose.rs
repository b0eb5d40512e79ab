//! Puts the engine together from its parts.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;
use vpaura_auth::{AccessTokens, Entropy, Hasher, Mailer, MfaTokens, OsEntropy, PasswordPolicy};
use vpaura_domain::{Clock, ConversationId, FileId, IdGen, SessionId, UserId};
use vpaura_graph::Graph;
use vpaura_knowledge::extract::Extractor;
use vpaura_kv::Kv;
use vpaura_llm::{Embedder, Fetcher, Reranker, Router};
use vpaura_store::Store;

use crate::auth::IdentityProvider;
use crate::authenticate::{BELIEF, KnownCredentials};
use crate::budgets::KnownBudgets;
use crate::chatbots::KnownChatbots;
use crate::files::{FileStorage, Released, Scanner};
use crate::graphs::chat::{self, ChatState};
use crate::history::History;
use crate::ingestion::Claims;
use crate::passages::FilePassages;
use crate::retrieval::{FormerEmbedders, SegmentCache, Upkeep};
use crate::revocations::Presences;
use crate::runs::Registry;
use crate::tools::Tools;
use crate::{EngineSettings, MakeEmbedder, Prompts, Result, SessionTokens};

const SESSIONS_KEPT: u64 = 100_000;
/// Letters that may be on their way at the same time; further ones are not sent.
const LETTERS: usize = 16;
const PROFILES_KEPT: u64 = 10_000;
/// How long a profile that is changed on another server may still be told as it was.
const PROFILE_BELIEF: Duration = Duration::from_secs(30);
const WAITING_KEPT: u64 = 10_000;
/// Bytes of files' passages kept in memory.
const PASSAGES_BYTES: u64 = 64 * 1024 * 1024;

/// What an engine is made of.
pub struct Parts {
    /// The database, migrated.
    pub store: Store,
    /// The cache.
    pub kv: Arc<dyn Kv>,
    /// The models.
    pub models: Router,
    /// The prompt templates.
    pub prompts: Prompts,
    /// The folder of files: their bytes, or those that are on their way to where they stay.
    pub files: std::path::PathBuf,
    /// What reads files.
    pub extractor: Extractor,
    /// What fetches pages of the web.
    pub fetcher: Fetcher,
    /// What turns texts into vectors; without it searches go by words alone.
    pub embedder: Option<Arc<dyn Embedder>>,
    /// What makes those that were configured before.
    pub former_embedder: MakeEmbedder,
    /// What orders hits in the end; without it they stay as they were found.
    pub reranker: Option<Arc<dyn Reranker>>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids.
    pub ids: Arc<dyn IdGen>,
    /// Letters.
    pub mailer: Mailer,
    /// Whom people can sign in with.
    pub providers: Vec<IdentityProvider>,
    /// Settings.
    pub settings: EngineSettings,
}

/// The engine. Cheap to clone; all clones are one engine.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

/// What the operations of this crate share.
pub struct Inner {
    pub(crate) store: Store,
    pub(crate) kv: Arc<dyn Kv>,
    pub(crate) models: Router,
    pub(crate) prompts: Prompts,
    pub(crate) files: FileStorage,
    pub(crate) scanner: Option<Scanner>,
    pub(crate) extractor: Extractor,
    pub(crate) fetcher: Fetcher,
    pub(crate) embedder: Option<Arc<dyn Embedder>>,
    pub(crate) former_embedders: FormerEmbedders,
    pub(crate) reranker: Option<Arc<dyn Reranker>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdGen>,
    pub(crate) settings: EngineSettings,
    pub(crate) tokens: SessionTokens,
    pub(crate) chat: Graph<ChatState>,
    pub(crate) tools: Tools,
    pub(crate) history: History,
    pub(crate) runs: Registry,
    pub(crate) chatbots: KnownChatbots,
    pub(crate) budgets: KnownBudgets,
    /// What models are told of users.
    pub(crate) profiles: Cache<UserId, Option<Arc<str>>>,
    /// Conversations in which a run began to wait for answers here.
    pub(crate) waiting: Cache<ConversationId, ()>,
    pub(crate) known_sessions: Cache<SessionId, ()>,
    pub(crate) access_tokens: AccessTokens,
    /// What credentials of users and keys are worth.
    pub(crate) credentials: KnownCredentials,
    /// Who reads streams here.
    pub(crate) presences: Presences,
    /// Where secrets come from.
    pub(crate) entropy: Arc<dyn Entropy>,
    /// Which passwords may be chosen.
    pub(crate) passwords: PasswordPolicy,
    pub(crate) hasher: Hasher,
    /// What goes between a password and its second factor.
    pub(crate) challenges: MfaTokens,
    pub(crate) mailer: Mailer,
    /// How many letters may be on their way.
    pub(crate) letters: Arc<Semaphore>,
    pub(crate) providers: Vec<IdentityProvider>,
    /// A workspace is to be removed.
    pub(crate) removals: Notify,
    /// A collection was deleted.
    pub(crate) purges: Notify,
    /// There are more contents to be removed.
    pub(crate) released: Released,
    /// A document waits to be read.
    pub(crate) ingestions: Notify,
    /// The documents that are being read here.
    pub(crate) claims: Claims,
    pub(crate) file_passages: Cache<FileId, Arc<FilePassages>>,
    /// What searches need of the index every time.
    pub(crate) segment_cache: SegmentCache,
    /// Looks after the index.
    pub(crate) upkeep: Upkeep,
    /// The name of this process among servers.
    pub(crate) instance: Uuid,
    pub(crate) tasks: TaskTracker,
    /// No more messages are accepted.
    pub(crate) stopping: CancellationToken,
    /// Background work ends.
    pub(crate) stopped: CancellationToken,
}

impl Deref for Engine {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("instance", &self.instance).finish_non_exhaustive()
    }
}

impl Engine {
    /// Puts the engine together and starts its background work: leases, take-overs, and the
    /// stops that arrive at other servers.
    pub async fn start(parts: Parts) -> Result<Self> {
        let file_passages = Cache::builder()
            .max_capacity(PASSAGES_BYTES)
            .weigher(|_, passages: &Arc<FilePassages>| {
                u32::try_from(passages.bytes()).unwrap_or(u32::MAX)
            })
            .build();
        let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
        let inner = Inner {
            tokens: SessionTokens::new(&parts.settings.secret),
            files: FileStorage::open(&parts.files, &parts.settings.files.storage).await?,
            scanner: parts.settings.files.scanner.clone().map(Scanner::new),
            extractor: parts.extractor,
            fetcher: parts.fetcher,
            embedder: parts.embedder,
            former_embedders: FormerEmbedders::new(parts.former_embedder),
            reranker: parts.reranker,
            chat: chat::build()?,
            tools: Tools::builtin(&parts.settings.tools),
            history: History::new(),
            runs: Registry::new(),
            chatbots: KnownChatbots::new(),
            budgets: KnownBudgets::new(),
            profiles: Cache::builder()
                .max_capacity(PROFILES_KEPT)
                .time_to_live(PROFILE_BELIEF)
                .build(),
            waiting: Cache::new(WAITING_KEPT),
            access_tokens: AccessTokens::new(&parts.settings.jwt_secret),
            credentials: KnownCredentials::new(),
            presences: Presences::default(),
            passwords: PasswordPolicy::new(parts.settings.auth.min_password_length),
            hasher: Hasher::per_processor(Arc::clone(&entropy)),
            challenges: MfaTokens::new(&parts.settings.jwt_secret),
            mailer: parts.mailer,
            letters: Arc::new(Semaphore::new(LETTERS)),
            providers: parts.providers,
            entropy,
            removals: Notify::new(),
            purges: Notify::new(),
            released: Released::default(),
            ingestions: Notify::new(),
            claims: Claims::default(),
            known_sessions: Cache::builder()
                .max_capacity(SESSIONS_KEPT)
                .time_to_live(BELIEF)
                .build(),
            file_passages,
            segment_cache: SegmentCache::new(parts.settings.index_cache_bytes),
            upkeep: Upkeep::default(),
            instance: parts.ids.uuid(),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
            stopped: CancellationToken::new(),
            store: parts.store,
            kv: parts.kv,
            models: parts.models,
            prompts: parts.prompts,
            clock: parts.clock,
            ids: parts.ids,
            settings: parts.settings,
        };
        let engine = Self(Arc::new(inner));
        let keeper = engine.clone();
        engine.tasks.spawn(async move { keeper.keep_and_recover().await });
        let listener = engine.clone();
        engine.tasks.spawn(async move { listener.listen_for_cancels().await });
        let watcher = engine.clone();
        engine.tasks.spawn(async move { watcher.watch_revocations().await });
        let remover = engine.clone();
        engine.tasks.spawn(async move { remover.remove_workspaces().await });
        let purger = engine.clone();
        engine.tasks.spawn(async move { purger.purge_collections().await });
        let cleaner = engine.clone();
        engine.tasks.spawn(async move { cleaner.watch_released_contents().await });
        let reader = engine.clone();
        engine.tasks.spawn(async move { reader.ingest().await });
        let embedder = engine.clone();
        engine.tasks.spawn(async move { embedder.keep_embeddings().await });
        let merger = engine.clone();
        engine.tasks.spawn(async move { merger.keep_segments().await });
        let sweeper = engine.clone();
        engine.tasks.spawn(async move { sweeper.forget_old_idempotency_keys().await });
        Ok(engine)
    }

    /// The clock that everything here goes by.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// Where every id here comes from.
    pub fn ids(&self) -> Arc<dyn IdGen> {
        Arc::clone(&self.ids)
    }

    async fn forget_old_idempotency_keys(&self) {
        let mut hours = tokio::time::interval(Duration::from_secs(60 * 60));
        loop {
            tokio::select! {
                () = self.stopped.cancelled() => return,
                _ = hours.tick() => {}
            }
            let kept = i64::try_from(crate::idempotency::KEPT.as_millis()).unwrap_or(i64::MAX);
            let before = vpaura_domain::Timestamp::from_millis(self.clock.now().millis() - kept);
            if let Err(error) = self.store.delete_expired_idempotency_keys(before).await {
                tracing::warn!(%error, "old idempotency keys could not be deleted");
            }
        }
    }
}
