//! A graph under test: its nodes scripted, its questions answered, its runs looked at.

mod kills;
mod ran;
mod schedules;
mod script;
mod warned;
mod watch;

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;

pub use kills::{KillPoint, Kills, Recovered};
pub use ran::TestRun;
pub use schedules::Schedules;

use crate::codec::Finite;
use crate::graph::NodeFn;
use crate::store::{Seq, Store};
use crate::{
    Ask, Ctx, Durability, Durable, Event, Events, Graph, GraphError, MemoryStore, NodeError,
    Outcome, RunBuilder, Step,
};
use script::Script;

/// The thread in which a graph under test runs.
const THREAD: &str = "test";

type Answer = Arc<dyn Fn(&Ask) -> Option<Value> + Send + Sync>;

/// Nodes replaced for one scenario.
type Scripted<S> = Vec<(String, NodeFn<S>)>;

/// What came of a run and of the runs that answered its questions.
struct Life<S: Durable> {
    events: Vec<Event<S::Event>>,
    outcome: Result<Outcome<S>, GraphError>,
}

/// A graph under test. Each run of it is a thread of its own in a new store.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use vpaura_graph::testkit::{TestGraph, replay};
/// use vpaura_graph::{Ctx, END, GraphBuilder, MemoryStore, NodeError, State, Store};
///
/// #[derive(State, Clone, Default, Serialize, Deserialize)]
/// struct Chat {
///     #[reduce(append)]
///     said: Vec<String>,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut g = GraphBuilder::<Chat>::new("chat");
/// let model = g.node("model", async |_: Ctx<Chat>| -> Result<ChatUpdate, NodeError> {
///     Err(NodeError::message("no model in tests"))
/// });
/// let reply = g.node("reply", async |ctx: Ctx<Chat>| -> Result<ChatUpdate, NodeError> {
///     ctx.token("Sunny").await?;
///     Ok(ctx.update().said("Sunny"))
/// });
/// g.start(model).edge(model, reply).edge(reply, END);
/// let graph = g.build()?;
///
/// let t = TestGraph::new(&graph).script("model", [ChatUpdate::default().said("Let me look.")]);
/// let hi = ChatUpdate::default().said("Hi");
/// let ran = t.run(hi.clone()).await;
/// ran.path(["model", "reply"]).tokens("Sunny");
/// assert_eq!(ran.state().said, ["Hi", "Let me look.", "Sunny"]);
///
/// // Whatever finishes first, and wherever the process dies: the same.
/// t.schedules(hi.clone(), 8).await.same_state().same_log();
/// t.kill_at_every_commit(hi).await.same_state().finished_once().effects_once();
/// # Ok(())
/// # }
/// ```
pub struct TestGraph<S: Durable> {
    graph: Graph<S>,
    context: Arc<S::Context>,
    scripts: Vec<Script<S>>,
    answer: Option<Answer>,
    durability: Durability,
    seed: u64,
    schedule: Option<u64>,
}

impl<S: Durable + Default> TestGraph<S> {
    /// A graph whose nodes need nothing special from outside.
    pub fn new(graph: &Graph<S>) -> Self
    where
        S::Context: Default,
    {
        Self::with(graph, S::Context::default())
    }

    /// A graph whose nodes get `context` from outside.
    pub fn with(graph: &Graph<S>, context: impl Into<Arc<S::Context>>) -> Self {
        Self {
            graph: graph.clone(),
            context: context.into(),
            scripts: Vec::new(),
            answer: None,
            durability: Durability::Sync,
            seed: 0,
            schedule: None,
        }
    }

    /// Lets a node return `outputs` instead of running: the first to its first call in a run, and
    /// so on. Another attempt at the same call, after a failure, an answer or a crash, gets the
    /// same output. `path` names a node of the outermost graph, a call of a worker (`fetch[2]`), or
    /// a node in a lane (`trip/fares`).
    ///
    /// # Panics
    /// When the graph has no such node.
    #[must_use]
    pub fn script(
        mut self,
        path: impl Into<String>,
        outputs: impl IntoIterator<Item = impl Into<Step<S>>>,
    ) -> Self {
        let outputs = outputs.into_iter().map(Into::into).collect();
        self.scripts.push(Script::outputs(&self.graph, path.into(), outputs));
        self
    }

    /// Lets a node do `act` instead of its own work. `path` is as in [`Self::script`].
    ///
    /// # Panics
    /// When the graph has no such node.
    #[must_use]
    pub fn stand_in<F, Fut, O>(mut self, path: impl Into<String>, act: F) -> Self
    where
        F: Fn(Ctx<S>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<O, NodeError>> + Send + 'static,
        O: Into<Step<S>>,
    {
        self.scripts.push(Script::act(&self.graph, path.into(), act));
        self
    }

    /// Answers the graph's questions; one that gets `None` stays open. Without this, a run ends
    /// with its first questions.
    #[must_use]
    pub fn answering<A: Serialize>(
        mut self,
        answer: impl Fn(&Ask) -> Option<A> + Send + Sync + 'static,
    ) -> Self {
        self.answer = Some(Arc::new(move |ask| {
            let answer = answer(ask)?;
            Some(serde_json::to_value(Finite(&answer)).expect("an answer has a JSON form"))
        }));
        self
    }

    /// When what the runs do becomes durable.
    #[must_use]
    pub const fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// What the jitter of retries is derived from.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Runs to the end, or to questions without an answer. For time to pass by itself, let the
    /// test begin with a paused clock: `#[tokio::test(start_paused = true)]`.
    pub async fn run(&self, input: S::Update) -> TestRun<S> {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let begun = Instant::now();
        let life = Box::pin(self.live(&store, &self.staged(), Some(input))).await;
        let graph = self.graph.clone();
        let Life { events, outcome } = life;
        TestRun { events, outcome, elapsed: begun.elapsed(), store, graph }
    }

    /// The scripts from their beginning.
    fn staged(&self) -> Scripted<S> {
        self.scripts.iter().map(Script::stage).collect()
    }

    /// Runs on `input`, or goes on where the thread was left, and answers what is asked.
    async fn live(
        &self,
        store: &Arc<dyn Store>,
        scripted: &Scripted<S>,
        input: Option<S::Update>,
    ) -> Life<S> {
        let mut events = Vec::new();
        let begin = match input {
            Some(input) => self.graph.run(input),
            None => self.graph.resume(),
        };
        let mut run = self.prepared(begin, store, scripted);
        loop {
            let mut started = run.events(Events::ALL).start();
            while let Some(event) = started.next().await {
                events.push(event);
            }
            let outcome = Box::pin(started.outcome()).await;
            let asks = outcome.as_ref().map(Outcome::asks).unwrap_or_default();
            let answer = |ask: &Ask| Some((ask.id.clone(), self.answer.as_ref()?(ask)?));
            let answers: Vec<(String, Value)> = asks.iter().filter_map(answer).collect();
            if answers.is_empty() {
                return Life { events, outcome };
            }
            run = self.prepared(self.graph.resume(), store, scripted);
            for (id, value) in answers {
                run = run.answer(id, &value);
            }
        }
    }

    fn prepared(
        &self,
        run: RunBuilder<S>,
        store: &Arc<dyn Store>,
        scripted: &Scripted<S>,
    ) -> RunBuilder<S, Arc<S::Context>> {
        let mut run = run
            .context(Arc::clone(&self.context))
            .thread(Arc::clone(store), THREAD)
            .durability(self.durability)
            .seed(self.seed)
            // Whoever had the thread before is dead.
            .steal();
        run.set.scripted = scripted.clone();
        run.set.control.schedule = self.schedule;
        // What two runs leave is compared.
        run.set.nonce = Some("test".to_owned());
        run
    }
}

/// The state as JSON: equal where the states are, whatever the order of maps.
fn json<S: Durable>(state: &S) -> Value {
    serde_json::to_value(state).expect("the state has a JSON form")
}

/// Every checkpoint of a thread, oldest first.
pub(super) async fn log(
    store: &dyn Store,
    thread: &crate::ThreadId,
) -> Vec<crate::store::Checkpoint> {
    let page = crate::store::Page { before: None, limit: u32::MAX };
    let listed = store.history(thread, page).await.expect("the store lists the thread");
    let mut seqs: Vec<Seq> = listed.iter().map(|meta| meta.seq).collect();
    seqs.reverse();
    let mut log = Vec::with_capacity(seqs.len());
    for seq in seqs {
        let loaded = store.load(thread, crate::store::At::Seq(seq)).await;
        let loaded = loaded.expect("the store loads what it lists").expect("the thread is there");
        log.extend(loaded.line.into_iter().next_back());
    }
    log
}
