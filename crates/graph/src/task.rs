//! One task of a step: a node or lane, with its attempts, limits, cache and ways out.

mod attempt;
mod lane;
mod note;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

pub(crate) use attempt::{guarded, message};
pub(crate) use note::SLOT as DONE;

use crate::ctx::{Attempt, RunShared, Voice};
use crate::error::Failing;
use crate::event::{Emitted, EventKind, Events};
use crate::frontier::Due;
use crate::graph::{NodeFn, NodeSpec, Work};
use crate::journal::Unstored;
use crate::policy::Meter;
use crate::worker::Parcel;
use crate::{Failure, Graph, GraphError, Limit, Send, State, Step};
use attempt::Fault;

/// How a task ended.
pub(crate) enum Ended<S: State> {
    Returned(Returned<S>),
    /// It waits for an answer; what it had.
    Interrupted(Step<S>),
    /// It was cancelled; what it had.
    Stopped(Step<S>),
    /// A join did not wait for it; what it had.
    Dropped(Step<S>),
    /// It passed a limit and has no way out; what it had.
    Exhausted(Limit, Step<S>),
    Failed(GraphError),
}

impl<S: State> Ended<S> {
    /// The same, when a join does not wait for the task.
    pub(crate) fn dropped(self) -> Self {
        match self {
            Self::Stopped(had) | Self::Interrupted(had) => Self::Dropped(had),
            other => other,
        }
    }
}

/// What a task returned.
#[derive(Clone)]
pub(crate) struct Returned<S: State> {
    pub(crate) step: Step<S>,
    /// The attempt that returned it, from 1.
    pub(crate) attempt: u32,
    /// Its number in the run; 0 where there was none.
    pub(crate) call: u64,
    /// It was kept from earlier.
    pub(crate) cached: bool,
    /// It went the way out of its budget.
    pub(crate) out: Option<Limit>,
    /// It failed and the failure is somebody's to handle, or it went the way out: its own edges
    /// are not followed.
    pub(crate) diverted: bool,
}

impl<S: State> Returned<S> {
    /// What a cancelled task had.
    pub(crate) const fn had(had: Step<S>) -> Self {
        Self::plain(had, 1)
    }

    const fn plain(step: Step<S>, attempt: u32) -> Self {
        let out = step.out;
        Self { step, attempt, call: 0, cached: false, out, diverted: false }
    }
}

/// A task that is to run.
pub(crate) struct Task<S: State> {
    pub(crate) graph: Graph<S>,
    pub(crate) run: Arc<RunShared<S>>,
    pub(crate) state: Arc<S>,
    pub(crate) due: Due,
    pub(crate) step: u32,
    pub(crate) cancel: CancellationToken,
    /// It has siblings: what it returns is noted before they are done.
    pub(crate) noted: bool,
    /// How many of its kind may run at once.
    pub(crate) places: Option<Arc<Semaphore>>,
    /// In tests: how often it lets others go first.
    pub(crate) yields: u32,
}

/// A node that is to run, in a task or in a task's lane.
struct Job<'a, S: State> {
    spec: &'a NodeSpec<S>,
    path: Arc<str>,
    state: Arc<S>,
    parcel: Option<Arc<dyn Parcel>>,
    timeout: Option<Duration>,
}

impl<S: State> Task<S> {
    pub(crate) async fn run(&self) -> Ended<S> {
        let Due { node, path, parcel, timeout } = &self.due;
        let spec = &self.graph.0.nodes[*node];
        if let Some(ended) = self.recalled(path).await {
            return ended;
        }
        for _ in 0..self.yields {
            tokio::task::yield_now().await;
        }
        let Some(_of_kind) = self.place(self.places.as_ref()).await else {
            return Ended::Stopped(Step::new());
        };
        let ended = match &spec.work {
            Work::Lane(members) => self.lane(path, members).await,
            _ => {
                let (path, state) = (Arc::clone(path), Arc::clone(&self.state));
                let (parcel, timeout) = (parcel.clone(), *timeout);
                self.node(Job { spec, path, state, parcel, timeout }).await
            }
        };
        match ended {
            Ended::Returned(returned) if self.noted => self.note(path, returned).await,
            ended => ended,
        }
    }

    /// Waits for its turn; `None` when it is cancelled before that.
    async fn place(&self, places: Option<&Arc<Semaphore>>) -> Option<Option<Place>> {
        let Some(places) = places else { return Some(None) };
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => None,
            // Never closed.
            place = Arc::clone(places).acquire_owned() => Some(place.ok()),
        }
    }

    async fn tell(&self, voice: Voice, kind: EventKind<S::Event>) {
        let Voice { path, step, attempt, call } = voice;
        self.run.tell(Emitted { path, step, attempt, call, kind }).await;
    }

    /// Runs a node until it returns, or has failed for good.
    async fn node(&self, job: Job<'_, S>) -> Ended<S> {
        // The nodes of a subgraph have places of their own: were its node to hold one, they might
        // wait for it. So might one in a lane, were the lane to hold one.
        let nested = matches!(job.spec.work, Work::Subgraph { .. });
        let Some(_place) = self.place(self.run.places.as_ref().filter(|_| !nested)).await else {
            return Ended::Stopped(Step::new());
        };
        let cache = match self.cached(&job) {
            Ok(Some((_, Some(step)))) => {
                return Ended::Returned(Returned { cached: true, ..Returned::plain(step, 1) });
            }
            Ok(Some((key, None))) => Some(key),
            Ok(None) => None,
            Err(error) => return Ended::Failed(error),
        };
        let mut first_begun = None;
        let meter = match job.spec.tune.budget {
            Some(budget) => {
                let parent = Some(Arc::clone(&self.run.meter));
                Arc::new(Meter::new(budget, crate::Usage::default(), parent))
            }
            None => Arc::clone(&self.run.meter),
        };
        // What was said by nodes that do not run again, by whatever attempt.
        let mut counted = Vec::new();
        let mut number = 0;
        loop {
            number += 1;
            // Told first: telling may wait for the reader, and that is none of the attempt's time.
            let call = self.run.control.signs.calls.fetch_add(1, Ordering::Relaxed) + 1;
            let voice =
                Voice { path: Arc::clone(&job.path), step: self.step, attempt: number, call };
            self.tell(voice, EventKind::NodeStarted).await;
            let begun = Instant::now();
            let begun = (*first_begun.get_or_insert(begun), begun);
            let attempt = Arc::new(self.attempt(&job, (number, call), begun, &meter));
            attempt.voices().counted = counted;
            let fault = match self.attempted(&job, &attempt).await {
                None => return self.stopped(&job, &attempt).await,
                Some(Ok(step)) => {
                    // A node that was told to stop may have returned only what it had.
                    if let (Some(key), Some(cache)) = (cache, &job.spec.cache)
                        && !attempt.cancel.is_cancelled()
                        // The next call may be within its budget.
                        && step.out.is_none()
                    {
                        cache.keep(key, &step);
                    }
                    self.count(&attempt);
                    return Ended::Returned(Returned { call, ..Returned::plain(step, number) });
                }
                Some(Err(fault)) => fault,
            };
            let after = self.after(&job, &attempt, fault).await;
            counted = std::mem::take(&mut attempt.voices().counted);
            match after {
                After::Again(wait) => tokio::select! {
                    biased;
                    () = self.cancel.cancelled() => return Ended::Stopped(Step::new()),
                    () = sleep(wait) => {}
                },
                After::End(ended) => {
                    // Somebody else goes on: the nodes that have finished in it are lost with it.
                    if matches!(&ended, Ended::Returned(took) if took.diverted && took.out.is_none())
                    {
                        for voice in counted {
                            self.silence(voice).await;
                        }
                    }
                    return ended;
                }
            }
        }
    }

    fn attempt(
        &self,
        job: &Job<'_, S>,
        (attempt, call): (u32, u64),
        (first_begun, begun): (Instant, Instant),
        meter: &Arc<Meter>,
    ) -> Attempt<S> {
        let limited = attempt::is_limited(job);
        Attempt {
            node: job.spec.name,
            path: Arc::clone(&job.path),
            step: self.step,
            attempt,
            call,
            // An attempt that takes too long is cancelled alone.
            cancel: if limited { self.cancel.child_token() } else { self.cancel.clone() },
            first_begun,
            begun,
            pulse: 0.into(),
            saying: 0.into(),
            listens: false.into(),
            over: false.into(),
            spoke: false.into(),
            inner: Mutex::default(),
            closed: Mutex::default(),
            partial: None.into(),
            meter: Arc::clone(meter),
            on_unknown: job.spec.tune.on_unknown,
            effects: Mutex::default(),
        }
    }

    /// What becomes of a failed attempt.
    async fn after(&self, job: &Job<'_, S>, attempt: &Attempt<S>, fault: Fault) -> After<S> {
        let error = match fault {
            Fault::Panicked(message) => {
                self.discard(attempt).await;
                let error = GraphError::Panicked { path: Arc::clone(&job.path), message };
                return self.handle(job, attempt, error);
            }
            Fault::Error(error) => error,
        };
        match &*error.0 {
            Failing::Interrupted => {
                // It says it again when it is answered.
                self.take_back(attempt).await;
                return After::End(Ended::Interrupted(Step::new()));
            }
            Failing::Budget(limit) => {
                let ended = self.exhausted(job, *limit, attempt).await;
                return After::End(ended.unwrap_or_else(Ended::Failed));
            }
            _ if self.cancel.is_cancelled() => {
                return After::End(self.stopped(job, attempt).await);
            }
            Failing::BadAnswer { ask, reason } => {
                let error = GraphError::BadAnswer { ask: ask.clone(), reason: reason.clone() };
                return After::End(Ended::Failed(error));
            }
            Failing::Cancelled | Failing::Failed { .. } | Failing::Engine(_) => {}
        }
        self.discard(attempt).await;
        let random = random(self.run.seed, &job.path, attempt.attempt);
        let retry = job.spec.tune.retry.as_ref();
        let wait = || retry.and_then(|retry| retry.wait(attempt.attempt, &error, random));
        match guarded(&job.path, wait) {
            Ok(Some(wait)) => return After::Again(wait),
            Ok(None) => {}
            Err(error) => return self.handle(job, attempt, error),
        }
        let error = match *error.0 {
            Failing::Engine(error) => error,
            Failing::Failed { source, class } => GraphError::Node {
                path: Arc::clone(&job.path),
                attempt: attempt.attempt,
                source,
                class,
            },
            _ => GraphError::Node {
                path: Arc::clone(&job.path),
                attempt: attempt.attempt,
                source: error.to_string().into(),
                class: None,
            },
        };
        self.handle(job, attempt, error)
    }

    /// Sends a failure to its handler, if there is one. A failing store is nobody's to handle, nor
    /// is a bad answer: its question stays open.
    fn handle(&self, job: &Job<'_, S>, attempt: &Attempt<S>, error: GraphError) -> After<S> {
        // A lane's handler is that of its nodes.
        let handler = self.graph.0.nodes[self.due.node].tune.on_error;
        let ours = matches!(error, GraphError::Store(_) | GraphError::BadAnswer { .. });
        let Some(handler) = handler.filter(|_| !ours) else {
            return After::End(Ended::Failed(error));
        };
        let message = match &error {
            GraphError::Node { source, .. } => source.to_string(),
            other => other.to_string(),
        };
        let failure = Failure {
            node: job.spec.name.to_owned(),
            path: job.path.to_string(),
            attempts: attempt.attempt,
            message,
        };
        let send = Send {
            builder: self.graph.0.builder,
            worker: handler,
            name: self.graph.0.nodes[handler].name,
            payload: Arc::new(failure),
            timeout: None,
            state: std::marker::PhantomData,
        };
        let step = Step { sends: vec![send], ..Step::new() };
        let returned = {
            let plain = Returned::plain(step, attempt.attempt);
            Returned { diverted: true, call: attempt.call, ..plain }
        };
        After::End(Ended::Returned(returned))
    }

    /// Takes the way out of the budget, if there is one.
    async fn exhausted(
        &self,
        job: &Job<'_, S>,
        limit: Limit,
        attempt: &Attempt<S>,
    ) -> Result<Ended<S>, GraphError> {
        let had = kept(&job.path, attempt)?;
        if had.updates.is_empty() {
            self.take_back(attempt).await;
        }
        // A lane's way out is that of its nodes.
        Ok(match self.graph.0.nodes[self.due.node].tune.on_budget {
            None => Ended::Exhausted(limit, self.apart(job, had)),
            Some(out) => {
                if !had.updates.is_empty() {
                    self.count(attempt);
                }
                attempt.meter.leave();
                let call = attempt.call;
                Ended::Returned(Returned { call, ..self.way_out(out, attempt.attempt, limit, had) })
            }
        })
    }

    /// The end of an attempt that was cancelled. What it has said counts only if it kept something.
    async fn stopped(&self, job: &Job<'_, S>, attempt: &Attempt<S>) -> Ended<S> {
        let had = match kept(&job.path, attempt) {
            Ok(had) => had,
            Err(error) => return Ended::Failed(error),
        };
        if had.updates.is_empty() {
            self.take_back(attempt).await;
        }
        Ended::Stopped(self.apart(job, had))
    }

    /// In a thread a graph that was stopped goes on behind its last step when its node is due again.
    /// What it had is kept apart: merged, it would be there twice.
    fn apart(&self, job: &Job<'_, S>, had: Step<S>) -> Step<S> {
        if self.run.codec.is_none() || !matches!(job.spec.work, Work::Subgraph { .. }) {
            return had;
        }
        Step { shown: had.updates, ..Step::new() }
    }

    /// What the attempt has said counts. Without a store, a graph around this one begins anew when
    /// it is retried, and all of it would be said again.
    fn count(&self, attempt: &Attempt<S>) {
        let above = !self.run.above.is_empty() && self.run.codec.is_some();
        if above && attempt.spoke.load(Ordering::Relaxed) {
            let voice = attempt.voice();
            self.run.above.iter().for_each(|above| above.counted(&voice));
        }
    }

    /// What the attempt has said does not count, if it has said anything.
    async fn take_back(&self, attempt: &Attempt<S>) {
        attempt.close();
        if attempt.spoke.load(Ordering::Relaxed) {
            self.discard(attempt).await;
        } else {
            self.discard_inner(attempt).await;
        }
    }

    /// What the attempt has said does not count.
    async fn discard(&self, attempt: &Attempt<S>) {
        attempt.close();
        self.discard_inner(attempt).await;
        self.silence(attempt.voice()).await;
    }

    /// What was said in the attempt's graph by nodes that will say it again does not count.
    async fn discard_inner(&self, attempt: &Attempt<S>) {
        let open = std::mem::take(&mut attempt.voices().open);
        for voice in open {
            self.silence(voice).await;
        }
    }

    async fn silence(&self, voice: Voice) {
        self.run.above.iter().for_each(|above| above.taken_back(&voice));
        self.tell(voice, EventKind::Discard).await;
    }

    /// A return that goes the way out of the budget.
    pub(crate) fn way_out(
        &self,
        out: usize,
        attempt: u32,
        limit: Limit,
        had: Step<S>,
    ) -> Returned<S> {
        let name = self.graph.0.nodes[out].name;
        let goto = vec![crate::Node::new(self.graph.0.builder, out, name)];
        let step = Step { goto, ..had };
        Returned { out: Some(limit), diverted: true, ..Returned::plain(step, attempt) }
    }

    /// The key under which the node's result is kept, and what is kept there.
    fn cached(&self, job: &Job<'_, S>) -> Result<Option<Cached<S>>, GraphError> {
        let Some(cache) = &job.spec.cache else { return Ok(None) };
        let mut key = guarded(&job.path, || (cache.policy.key)(&job.state))?;
        if let Some(parcel) = &job.parcel {
            let payload = parcel.encode().map_err(|error| Unstored::encode(&job.path, error))?;
            key.push('\u{0}');
            key.push_str(&payload);
        }
        let found = cache.get(&key);
        Ok(Some((key, found)))
    }

    fn work<'a>(&'a self, job: &Job<'a, S>) -> Option<&'a NodeFn<S>> {
        let name = self.run.scripted.iter().find(|(name, _)| *name == *job.path);
        match (name, &job.spec.work) {
            (Some((_, scripted)), _) => Some(scripted),
            (None, Work::Node(run) | Work::Worker { run, .. } | Work::Subgraph { run, .. }) => {
                Some(run)
            }
            (None, Work::Lane(_)) => None,
        }
    }
}

/// A key, and what is kept under it.
type Cached<S> = (String, Option<Step<S>>);

enum After<S: State> {
    Again(Duration),
    End(Ended<S>),
}

type Place = tokio::sync::OwnedSemaphorePermit;

/// What a cancelled attempt had.
fn kept<S: State>(path: &Arc<str>, attempt: &Attempt<S>) -> Result<Step<S>, GraphError> {
    let finish = attempt.partial.lock().unwrap_or_else(PoisonError::into_inner).take();
    let had = finish.map(|finish| guarded(path, finish)).transpose()?;
    Ok(had.map_or_else(Step::new, Step::update))
}

/// A number in 0..1 that depends on nothing but these.
fn random(seed: u64, path: &str, attempt: u32) -> f64 {
    let mut mixed = seed ^ u64::from(attempt);
    for byte in path.bytes() {
        mixed = scramble(mixed ^ u64::from(byte));
    }
    #[expect(clippy::cast_precision_loss, reason = "53 bits are what fits")]
    let unit = (scramble(mixed) >> 11) as f64 / (1u64 << 53) as f64;
    unit
}

/// One step of SplitMix64 (Steele, Lea, Flood 2014).
pub(crate) const fn scramble(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl<S: State> Task<S> {
    /// Whether anybody wants to see updates.
    fn shows_updates(&self) -> bool {
        self.run.sink.wants(Events::UPDATES)
    }
}
