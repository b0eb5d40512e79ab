//! An engine on a temporary database with a scripted model.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use vpaura_config::{Config, Sources};
use vpaura_domain::{
    Clock, ConversationId, EXTRACTIVE_MODEL, EmbedderStamp, FixedClock, MultitaskStrategy, Origin,
    RandomIds, RunEvent, RunEventKind, Scope, Subject, Timestamp, UserId, WorkspaceId,
};
use vpaura_engine::{
    CreateUser, Engine, EngineSettings, Error, NewSession, Parts, Prompts, RunInput, RunReader,
    StartRun, StartedRun, Target, extract_limits,
};
use vpaura_knowledge::extract::Extractor;
use vpaura_kv::MemoryKv;
use vpaura_llm::{
    Embedder, FetchSettings, Fetcher, ModelEvent, ModelInfo, Reranker, Router, RouterSettings,
    ScriptedModel, StopReason,
};
use vpaura_store::{Store, StoreSettings};
use vpaura_test_support::extract_child;

/// The operator's API key.
pub(crate) const OPERATOR_KEY: &str = "op_0123456789abcdef0123456789abcdef";

/// How often an engine renews leases and looks for orphans here.
const QUICK: Duration = Duration::from_millis(10);

/// A fixture that several engines, as several servers, can share.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) model: Arc<ScriptedModel>,
    pub(crate) kv: Arc<MemoryKv>,
    pub(crate) embedder: Option<Arc<dyn Embedder>>,
    /// One that was configured before.
    pub(crate) former: Option<Arc<dyn Embedder>>,
    pub(crate) reranker: Option<Arc<dyn Reranker>>,
    /// What reads files, where that is not to be the real one.
    pub(crate) extractor: Option<Extractor>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            clock: Arc::new(FixedClock::at(Timestamp::from_millis(1_763_700_000_000))),
            model: Arc::new(ScriptedModel::new()),
            kv: Arc::new(MemoryKv::new()),
            embedder: None,
            former: None,
            reranker: None,
            extractor: None,
        }
    }

    pub(crate) async fn engine(&self) -> Engine {
        self.engine_with_model(true).await
    }

    /// An engine whose model can use tools, or not.
    pub(crate) async fn engine_with_model(&self, tools: bool) -> Engine {
        self.engine_with(self.scripted_router("scripted/m", tools), QUICK).await
    }

    /// An engine in which the scripted model is the built-in one.
    pub(crate) async fn scripted_builtin_engine(&self) -> Engine {
        self.engine_with(self.scripted_router(EXTRACTIVE_MODEL, false), QUICK).await
    }

    /// An engine that neither renews its leases nor looks for orphans, like a server that was
    /// paused.
    pub(crate) async fn paused_engine(&self) -> Engine {
        self.engine_with(self.scripted_router("scripted/m", true), Duration::from_secs(3_600)).await
    }

    fn scripted_router(&self, id: &str, tools: bool) -> Router {
        let router = Router::new(RouterSettings::default(), self.clock.clone()).unwrap();
        let info = ModelInfo {
            id: id.parse().unwrap(),
            name: "Scripted".into(),
            context_window: 8_000,
            max_output: 1_000,
            price: None,
            tools,
            builtin: false,
            default: true,
        };
        router.with_model(info, self.model.clone())
    }

    /// An engine with nothing but the built-in model.
    pub(crate) async fn builtin_engine(&self) -> Engine {
        let router = Router::new(RouterSettings::default(), self.clock.clone()).unwrap();
        self.engine_with(router, QUICK).await
    }

    /// The database, migrated.
    pub(crate) async fn store(&self) -> Store {
        let path = self.folder.path().join("vpaura.db");
        let url = format!("sqlite://{}?mode=rwc", path.display());
        let store = Store::connect(&StoreSettings::new(url), self.clock.clone()).await.unwrap();
        store.migrate_up().await.unwrap();
        store
    }

    async fn engine_with(&self, models: Router, keeping: Duration) -> Engine {
        let clock: Arc<dyn Clock> = self.clock.clone();
        let store = self.store().await;
        let sources = Sources {
            env: BTreeMap::from([
                ("DATA_DIR".to_owned(), self.folder.path().display().to_string()),
                ("VPAURA_API_KEY".to_owned(), OPERATOR_KEY.to_owned()),
            ]),
            directory: self.folder.path().to_owned(),
            entropy: || Ok([7; 32]),
        };
        let config = Config::load(&sources).unwrap();
        let mut settings = EngineSettings::from(&config);
        settings.runs.flush_interval = Duration::from_millis(1);
        settings.runs.renew = keeping;
        settings.runs.sweep = keeping;
        let former = self.former.clone();
        Engine::start(Parts {
            store,
            kv: self.kv.clone(),
            models,
            prompts: Prompts::load(None, false).unwrap(),
            files: self.folder.path().join("files"),
            extractor: self.extractor.clone().unwrap_or_else(|| {
                Extractor::new(extract_child(), extract_limits(&config.files.extract))
            }),
            fetcher: Fetcher::new(&FetchSettings { allow_private: true, ..Default::default() })
                .unwrap(),
            embedder: self.embedder.clone(),
            former_embedder: Arc::new(move |stamp: &EmbedderStamp| {
                let former = former.clone().filter(|it| it.model() == stamp.model);
                former.ok_or_else(|| vpaura_engine::Error::Settings("it is gone".to_owned()))
            }),
            reranker: self.reranker.clone(),
            mailer: vpaura_auth::Mailer::disabled(clock.clone(), Arc::new(RandomIds)),
            providers: Vec::new(),
            clock,
            ids: Arc::new(RandomIds),
            settings,
        })
        .await
        .unwrap()
    }
}

/// A visitor's scope.
pub(crate) async fn visitor(engine: &Engine) -> Scope {
    let created = engine.create_session(None, NewSession::default(), None).await.unwrap();
    Scope::session(created.session.id)
}

/// A user of the default workspace, and their scope there.
pub(crate) async fn user(engine: &Engine, name: &str) -> (UserId, Scope) {
    let new = CreateUser {
        email: format!("{name}@example.org"),
        username: None,
        full_name: None,
        password: None,
        role: None,
    };
    let origin = Origin::default();
    let user = engine.create_user(&Scope::operator(), new, &origin, None).await.unwrap();
    let subject = Subject::User { id: user.id, session: None };
    let nobody = Scope { subject, ..Scope::operator() };
    (user.id, engine.scope_in(&nobody, WorkspaceId::DEFAULT).await.unwrap())
}

pub(crate) fn say(text: &str) -> StartRun {
    StartRun {
        target: Target::New(None),
        input: RunInput::Message {
            text: text.to_owned(),
            file_ids: Vec::new(),
            parent_id: None,
            history: Vec::new(),
        },
        model: None,
        temperature: None,
        max_tokens: None,
        chatbot_id: None,
        preview: None,
        multitask: MultitaskStrategy::Reject,
        idempotency: None,
    }
}

pub(crate) fn say_in(conversation: ConversationId, text: &str) -> StartRun {
    StartRun { target: Target::Existing(conversation), ..say(text) }
}

/// Everything up to the end.
pub(crate) async fn to_end(reader: &mut RunReader) -> Result<Vec<RunEvent>, Error> {
    let mut all = Vec::new();
    while let Some(events) = reader.next().await? {
        all.extend(events);
    }
    Ok(all)
}

/// Reads until the text so far is `text`.
pub(crate) async fn until_text(reader: &mut RunReader, text: &str) -> Vec<RunEvent> {
    let mut all = Vec::new();
    while text_of(&all) != text {
        all.extend(reader.next().await.unwrap().expect("the run goes on"));
    }
    all
}

/// The text that the events add up to.
pub(crate) fn text_of(events: &[RunEvent]) -> String {
    let mut text = String::new();
    for event in events {
        match &event.kind {
            RunEventKind::Delta { text: piece } => text.push_str(piece),
            RunEventKind::Reset { .. } => text.clear(),
            _ => {}
        }
    }
    text
}

/// A turn from beginning to end with a scripted answer.
pub(crate) async fn turn(
    world: &World,
    engine: &Engine,
    scope: &Scope,
    request: StartRun,
    reply: &str,
) -> StartedRun {
    let script = world.model.script();
    script.text(reply);
    script.end();
    let mut started = engine.start_run(scope, request).await.unwrap();
    to_end(&mut started.reader).await.unwrap();
    started.run = engine.get_run(scope, started.run.id).await.unwrap();
    started
}

/// A model's turn that says `text`.
pub(crate) fn says(world: &World, text: &str) {
    let script = world.model.script();
    script.text(text);
    script.end();
}

/// A model's turn that calls these tools, each given as id, name and arguments.
pub(crate) fn calls(world: &World, calls: &[(&str, &str, &str)]) {
    let script = world.model.script();
    for (index, (id, name, arguments)) in (0..).zip(calls) {
        let (id, name) = ((*id).to_owned(), (*name).to_owned());
        script.push(ModelEvent::ToolCallStart { index, id, name });
        script.push(ModelEvent::ToolCallDelta { index, arguments: (*arguments).into() });
    }
    script.push(ModelEvent::Stop(StopReason::ToolCalls));
}

/// The results that the events tell, by the calls' ids: output, and whether it is an error.
pub(crate) fn results(events: &[RunEvent]) -> BTreeMap<&str, (&str, bool)> {
    let results = events.iter().filter_map(|event| match &event.kind {
        RunEventKind::ToolResult { id, output, is_error, .. } => {
            Some((id.as_str(), (output.as_str(), *is_error)))
        }
        _ => None,
    });
    results.collect()
}
