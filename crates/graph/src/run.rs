//! One execution of a graph: prepared, started, read, and awaited.

mod answers;
mod handle;
pub(crate) mod notes;
mod open;
mod origin;
mod outcome;

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub(crate) use answers::open_asks;
pub use handle::Run;
pub use outcome::Outcome;

use crate::codec::{Codec, Finite};
use crate::driver::Control;
use crate::event::Events;
use crate::graph::NodeFn;
use crate::store::Seq;
use crate::{Budget, Durable, Graph, State, Store, ThreadId};

/// How many events a run may be ahead of its reader, unless set otherwise.
pub const DEFAULT_BUFFER: usize = 64;

/// How many steps a run may take, unless its graph or the run itself says otherwise.
pub const DEFAULT_STEP_LIMIT: u32 = 100;

/// How long nodes of a cancelled run have to return what they have, unless set otherwise.
pub const DEFAULT_GRACE: Duration = Duration::from_secs(2);

/// How long a run's lease on its thread holds unless renewed, unless set otherwise.
pub const DEFAULT_LEASE: Duration = Duration::from_secs(15);

/// The longest grace that can be given.
const MAX_GRACE: Duration = Duration::from_secs(24 * 3600);

/// When what a run does becomes durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Before the next step begins: what was told as finished does not run again.
    #[default]
    Sync,
    /// While the next steps run, in order, a bounded way behind.
    Async,
    /// At the end of the run, however it ends, and whenever an effect or a question must be
    /// remembered. Only then is it made into JSON, and a run fails over what has no such form.
    Exit,
}

/// What happens when the reader is slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SlowReader {
    /// The nodes wait for it.
    #[default]
    Wait,
    /// It is left behind: what is queued can still be read, the run goes on without it.
    Detach,
}

/// Where a run begins.
pub(crate) enum Begin<S: State> {
    Update { input: S::Update, fresh: fn() -> S },
    State(S),
    Resume,
}

/// A thread to run in.
pub(crate) struct OnThread<S: State> {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) thread: ThreadId,
    pub(crate) codec: Codec<S>,
}

/// Answers to questions, by their ids.
type Answers = Vec<(String, serde_json::Result<serde_json::Value>)>;

/// What is set of a run.
pub(crate) struct Settings<S: State> {
    pub(crate) begin: Begin<S>,
    pub(crate) thread: Option<OnThread<S>>,
    pub(crate) cancel: CancellationToken,
    pub(crate) buffer: usize,
    pub(crate) events: Events,
    pub(crate) slow: SlowReader,
    pub(crate) detached: bool,
    pub(crate) grace: Duration,
    pub(crate) durability: Durability,
    pub(crate) budget: Budget,
    pub(crate) concurrency: Option<usize>,
    pub(crate) seed: u64,
    pub(crate) control: Control,
    pub(crate) lease: Duration,
    pub(crate) steal: bool,
    pub(crate) epoch: Option<u64>,
    pub(crate) fresh: bool,
    pub(crate) forget: Option<Forget>,
    pub(crate) at: Option<Seq>,
    pub(crate) answers: Answers,
    pub(crate) change: Option<S::Update>,
    pub(crate) scripted: Vec<(String, NodeFn<S>)>,
    /// In tests: what tells the thread from another of its name, otherwise left to chance.
    pub(crate) nonce: Option<String>,
}

/// What is forgotten when a run is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forget {
    /// The thread.
    Thread,
    /// What is not stored yet.
    Rest,
}

/// A run that is not started yet. `C` is `()` until the context is given; a graph whose
/// [`State::Context`] is `()` needs none.
#[must_use = "nothing runs before start()"]
pub struct RunBuilder<S: State, C = ()> {
    pub(crate) graph: Graph<S>,
    pub(crate) set: Box<Settings<S>>,
    pub(crate) context: C,
}

impl<S: State> RunBuilder<S> {
    pub(crate) fn new(graph: Graph<S>, begin: Begin<S>) -> Self {
        let control = Control { signs: Arc::default(), step_limit: None, schedule: None };
        let set = Settings {
            begin,
            thread: None,
            cancel: CancellationToken::new(),
            buffer: DEFAULT_BUFFER,
            events: Events::default(),
            slow: SlowReader::default(),
            detached: false,
            grace: DEFAULT_GRACE,
            durability: Durability::default(),
            budget: Budget::default(),
            concurrency: None,
            seed: 0,
            control,
            lease: DEFAULT_LEASE,
            steal: false,
            epoch: None,
            fresh: false,
            forget: None,
            at: None,
            answers: Vec::new(),
            change: None,
            scripted: Vec::new(),
            nonce: None,
        };
        Self { graph, set: Box::new(set), context: () }
    }

    /// What the nodes need from outside.
    pub fn context(self, context: impl Into<Arc<S::Context>>) -> RunBuilder<S, Arc<S::Context>> {
        RunBuilder { graph: self.graph, set: self.set, context: context.into() }
    }
}

impl<S: State, C> RunBuilder<S, C> {
    /// Runs in a thread of `store`: what happens is stored, and the next run of the thread goes on
    /// from it.
    pub fn thread(mut self, store: Arc<dyn Store>, thread: impl Into<ThreadId>) -> Self
    where
        S: Durable,
    {
        self.set.thread = Some(OnThread { store, thread: thread.into(), codec: Codec::of() });
        self
    }

    /// When what the run does becomes durable.
    pub fn durability(mut self, durability: Durability) -> Self {
        self.set.durability = durability;
        self
    }

    /// A token that cancels the run. The run uses a child of it, so the token itself is never
    /// cancelled by the run.
    pub fn cancel(mut self, token: CancellationToken) -> Self {
        self.set.cancel = token;
        self
    }

    /// How many events the run may be ahead of its reader; at least 1.
    pub fn buffer(mut self, events: usize) -> Self {
        self.set.buffer = events;
        self
    }

    /// Which kinds of events are told.
    pub fn events(mut self, events: Events) -> Self {
        self.set.events = events;
        self
    }

    /// What happens when the reader is slow.
    pub fn slow_reader(mut self, policy: SlowReader) -> Self {
        self.set.slow = policy;
        self
    }

    /// Lets the run go on when its [`Run`] is dropped. Otherwise dropping it cancels the run.
    pub fn detached(mut self) -> Self {
        self.set.detached = true;
        self
    }

    /// How many steps the run may take before it fails with
    /// [`GraphError::StepLimit`](crate::GraphError::StepLimit), instead of what the graph says. A
    /// subgraph that says nothing has as many for each call.
    pub fn step_limit(mut self, steps: u32) -> Self {
        self.set.control.step_limit = Some(steps);
        self
    }

    /// How long nodes of a cancelled run have to return what they have; at most a day.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.set.grace = grace.min(MAX_GRACE);
        self
    }

    /// What the run may use up.
    pub fn budget(mut self, budget: Budget) -> Self {
        self.set.budget = budget;
        self
    }

    /// How many nodes may run at once, those of subgraphs included; a node that runs a subgraph
    /// does not count itself.
    pub fn concurrency(mut self, nodes: usize) -> Self {
        self.set.concurrency = Some(nodes.clamp(1, Semaphore::MAX_PERMITS));
        self
    }

    /// What the jitter of retries is derived from, and nothing else.
    pub fn seed(mut self, seed: u64) -> Self {
        self.set.seed = seed;
        self
    }

    /// How long the lease on the thread holds unless renewed. It is renewed three times in that
    /// time; after a crash others wait for its end.
    pub fn lease(mut self, ttl: Duration) -> Self {
        self.set.lease = ttl;
        self
    }

    /// Takes the thread over from a run that still holds it. That run is fenced off: it can write
    /// nothing more.
    pub fn steal(mut self) -> Self {
        self.set.steal = true;
        self
    }

    /// Claims the thread under an epoch that somebody else gave out, instead of the next one: for a
    /// thread whose owner is decided elsewhere. It takes the thread over from a run with a lower
    /// epoch, which is fenced off from then on, before anything is read.
    pub fn epoch(mut self, epoch: u64) -> Self {
        self.set.epoch = Some(epoch);
        self
    }

    /// The thread is known to be new: it is not looked up. Together with an [`epoch`](Self::epoch)
    /// the run begins without asking the store anything, and holds the thread only once it has
    /// stored something and its lease was renewed.
    pub fn fresh(mut self) -> Self {
        self.set.fresh = true;
        self
    }

    /// Deletes the thread when the run is done: what is kept is only what is needed to go on.
    pub fn forget_when_done(mut self) -> Self {
        self.set.forget = Some(Forget::Thread);
        self
    }

    /// Stores nothing more when the run is done, and leaves the thread as it is: for who stores
    /// what the run came to elsewhere first, and deletes the thread then.
    pub fn leave_when_done(mut self) -> Self {
        self.set.forget = Some(Forget::Rest);
        self
    }

    /// Goes on from an older checkpoint of the thread, in a new branch. Only for
    /// [`Graph::resume`].
    pub fn at(mut self, seq: Seq) -> Self {
        self.set.at = Some(seq);
        self
    }

    /// Answers a question: see [`Ask::id`](crate::Ask). Once the run has begun the answer is final, as
    /// the node may have acted on it; one that the node cannot read leaves its question open. Only for
    /// [`Graph::resume`].
    pub fn answer(mut self, ask: impl Into<String>, answer: &impl Serialize) -> Self {
        self.set.answers.push((ask.into(), serde_json::to_value(Finite(answer))));
        self
    }

    /// Changes the state by hand before going on. Only for [`Graph::resume`]; for a change without
    /// a run see [`Thread::update`](crate::Thread::update).
    pub fn update(mut self, update: S::Update) -> Self {
        self.set.change = Some(update);
        self
    }
}
