//! From the settings of a run to its driver, and from the driver's end to the outcome.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::FutureExt;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::Span;

use super::answers::{open_asks, reopen};
use super::origin::{Origin, enter, input, random, resume};
use super::{Begin, DEFAULT_STEP_LIMIT, Forget, OnThread, Outcome, Settings, notes};
use crate::codec::{Codec, snapshot_within};
use crate::ctx::RunShared;
use crate::driver::{Children, Driver, End};
use crate::event::Sink;
use crate::frontier::Frontier;
use crate::journal::{Journal, Unstored, Writer};
use crate::policy::Meter;
use crate::store::{Admin, At, Claim, Lease, Loaded};
use crate::{Ask, Graph, GraphError, Limit, State, StoreError};

/// A thread that is open for writing.
struct Open<S: State> {
    codec: Codec<S>,
    writer: Arc<Writer>,
    loaded: Option<Loaded>,
}

/// How a run in a thread ended. The state is still the driver's: storing it comes first.
struct Ran<S: State> {
    driver: Driver<S>,
    end: End,
    asks: Vec<Ask>,
}

/// Runs to the end, and tells the run's span how it ended. The rest is in a place of its own: this
/// is moved about before it begins.
pub(super) async fn drive<S: State>(
    graph: Graph<S>,
    mut set: Box<Settings<S>>,
    context: Arc<S::Context>,
    cancel: CancellationToken,
    sink: Sink<S::Event>,
    span: Span,
) -> Result<Outcome<S>, GraphError> {
    let name = graph.name();
    let outcome = match set.thread.take() {
        None => caught(name, Box::pin(drive_alone(graph, set, context, cancel, sink))).await,
        Some(thread) => Box::pin(drive_in(thread, graph, set, context, cancel, sink)).await,
    };
    span.record("otel.status_code", if outcome.is_ok() { "OK" } else { "ERROR" });
    outcome
}

/// Runs to the end: claims the thread, drives, makes everything durable, and gives the thread back.
async fn drive_in<S: State>(
    thread: OnThread<S>,
    graph: Graph<S>,
    set: Box<Settings<S>>,
    context: Arc<S::Context>,
    cancel: CancellationToken,
    sink: Sink<S::Event>,
) -> Result<Outcome<S>, GraphError> {
    let (lease, forget) = (set.lease, set.forget);
    let name = graph.name();
    // A lease that was made by hand is none to the store before it is renewed.
    let held = AtomicBool::new(set.epoch.is_none() || !set.fresh);
    let open = open(thread, &set).await?;
    let writer = Arc::clone(&open.writer);
    let _closes = Closes(Arc::clone(&writer));
    let ran = tokio::select! {
        biased;
        ran = caught(name, Box::pin(drive_on(graph, set, context, cancel, sink, open))) => ran,
        error = keep(&writer, lease, &held) => Err(error.into()),
    };
    let held = held.into_inner();
    let ended = finish(&writer, ran, forget, held).await;
    if held && let Err(error) = writer.store().release(writer.lease()).await {
        // It ends by itself.
        tracing::debug!(%error, "a lease was not given back");
    }
    ended
}

/// Nothing is written for a run that is over, nor for one that was abandoned.
struct Closes(Arc<Writer>);

impl Drop for Closes {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Runs to the end. What is foreign outside of nodes, a serializer say, may panic too.
async fn caught<T>(
    name: &'static str,
    run: Pin<Box<impl Future<Output = Result<T, GraphError>>>>,
) -> Result<T, GraphError> {
    let ran = AssertUnwindSafe(run).catch_unwind().await;
    ran.unwrap_or_else(|payload| {
        let message = crate::task::message(payload.as_ref());
        Err(GraphError::Panicked { path: name.into(), message })
    })
}

/// Renews the lease until that fails. One that no claim has given begins to hold with that, once
/// there is anything to hold: what is never stored must not leave a thread behind.
async fn keep(writer: &Writer, ttl: Duration, held: &AtomicBool) -> StoreError {
    loop {
        sleep(ttl / 3).await;
        if !held.load(Ordering::Relaxed) && !writer.has_written().await {
            continue;
        }
        held.store(true, Ordering::Relaxed);
        match writer.store().renew(writer.lease(), ttl).await {
            Ok(()) => {}
            // The store may be back before the lease is over; if not, commits are fenced.
            Err(StoreError::Failed(error)) => tracing::warn!(%error, "a lease was not renewed"),
            Err(error) => return error,
        }
    }
}

async fn open<S: State>(on: OnThread<S>, set: &Settings<S>) -> Result<Open<S>, GraphError> {
    let OnThread { store, thread, codec } = on;
    let lease = match set.epoch {
        // Nobody has been here before, so there is nobody to fence off.
        Some(epoch) if set.fresh => Lease { thread: thread.clone(), epoch, head: None },
        epoch => {
            let claim = Claim { ttl: set.lease, steal: set.steal, epoch };
            store.claim(&thread, claim).await?
        }
    };
    let is_new = set.fresh || lease.head.is_none();
    let loaded = if is_new { Ok(None) } else { store.load(&thread, At::Head).await };
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(error) => {
            // The first failure is the one that counts.
            let _released = store.release(&lease).await;
            return Err(error.into());
        }
    };
    let noted = loaded.as_ref().is_some_and(|loaded| !loaded.records.is_empty());
    let head = loaded.as_ref().map(|loaded| loaded.head);
    let writer = Arc::new(Writer::new(store, lease, set.durability, head, noted));
    Ok(Open { codec, writer, loaded })
}

/// Runs to the end without a thread.
async fn drive_alone<S: State>(
    graph: Graph<S>,
    set: Box<Settings<S>>,
    context: Arc<S::Context>,
    cancel: CancellationToken,
    sink: Sink<S::Event>,
) -> Result<Outcome<S>, GraphError> {
    let mut driver = alone(graph, set, context, cancel, sink)?;
    let end = Box::pin(driver.drive()).await?;
    // Nobody can answer them, but somebody should see them.
    let asks = open_asks(&driver.run.journal)?;
    Ok(outcome(Ran { driver, end, asks }))
}

/// A run without a thread.
fn alone<S: State>(
    graph: Graph<S>,
    set: Box<Settings<S>>,
    context: Arc<S::Context>,
    cancel: CancellationToken,
    sink: Sink<S::Event>,
) -> Result<Driver<S>, GraphError> {
    let mut set = set;
    let state = match std::mem::replace(&mut set.begin, Begin::Resume) {
        Begin::State(state) => state,
        Begin::Update { input, fresh } => {
            let mut state = fresh();
            enter(&graph, &mut state, input)?;
            state
        }
        Begin::Resume => {
            return Err(GraphError::NothingToResume { thread: "".into() });
        }
    };
    let frontier = Frontier::entries(&graph.0, "");
    let origin = Origin { frontier, ..Origin::new(state) };
    let journal = Journal::new(None, Vec::new());
    Ok(driver(graph, *set, context, cancel, sink, None, journal, nameless(), origin))
}

/// A name for a run without a thread: no other run has it, so that no two of them make the same
/// idempotency keys.
fn nameless() -> Arc<str> {
    format!("run-{:016x}{:016x}", random(), random()).into()
}

/// A run in a thread.
async fn drive_on<S: State>(
    graph: Graph<S>,
    mut set: Box<Settings<S>>,
    context: Arc<S::Context>,
    cancel: CancellationToken,
    sink: Sink<S::Event>,
    open: Open<S>,
) -> Result<Ran<S>, GraphError> {
    let Open { codec, writer, loaded } = open;
    let thread: Arc<str> = writer.lease().thread.as_str().into();
    let (origin, journal) = match std::mem::replace(&mut set.begin, Begin::Resume) {
        Begin::Resume => resume(&graph, &mut set, codec, &writer, loaded).await?,
        begin => {
            let origin = input(&graph, begin, codec, &writer, loaded, set.nonce.take()).await?;
            (origin, Journal::new(Some(writer), Vec::new()))
        }
    };
    let nonce = origin.nonce.clone();
    let mut driver =
        driver(graph, *set, context, cancel, sink, Some(codec), journal, thread, origin);
    snapshots(&driver, codec, nonce);
    let ended = Box::pin(driver.drive()).await;
    if matches!(ended, Ok(End::Interrupted) | Err(_)) {
        // No checkpoint says what the unfinished step has used up.
        notes::keep_used(&driver.run.journal, driver.run.meter.total())?;
    }
    let end = match ended {
        Ok(end) => end,
        Err(error) => {
            reopen(&driver.run.journal, &error).await?;
            return Err(error);
        }
    };
    let asks = open_asks(&driver.run.journal)?;
    Ok(Ran { driver, end, asks })
}

/// Tells the writer how the driver's state is stored whole, and what is used up.
fn snapshots<S: State>(driver: &Driver<S>, codec: Codec<S>, nonce: Option<String>) {
    let Some(writer) = driver.run.journal.writer() else { return };
    writer.counts_with(Arc::clone(&driver.run.meter));
    let path: Arc<str> = driver.run.graph.name().into();
    writer.snapshot_with(Arc::clone(&path), move |whole, limit| {
        let state = whole.state.downcast_ref::<S>();
        let state = state.ok_or_else(|| Unstored::encode(&path, "it is another graph's state"))?;
        snapshot_within(codec, &path, state, &whole.children, nonce.as_deref(), limit)
    });
}

#[expect(clippy::too_many_arguments, reason = "the parts of a driver, assembled in one place")]
fn driver<S: State>(
    graph: Graph<S>,
    set: Settings<S>,
    context: Arc<S::Context>,
    cancel: CancellationToken,
    sink: Sink<S::Event>,
    codec: Option<Codec<S>>,
    journal: Journal,
    thread: Arc<str>,
    origin: Origin<S>,
) -> Driver<S> {
    let children: Children = Arc::new(Mutex::new(origin.children));
    let said = set.control.step_limit.or(graph.0.step_limit);
    let step_limit = said.unwrap_or(DEFAULT_STEP_LIMIT);
    let wall = set.budget.wall;
    let wall = wall.and_then(|wall| Some((Instant::now().checked_add(wall)?, Limit::Wall(wall))));
    let run = RunShared {
        strict: graph.0.strict,
        graph,
        context,
        cancel,
        sink,
        journal,
        codec,
        meter: Arc::new(Meter::new(set.budget, origin.used)),
        keys: match origin.nonce {
            Some(nonce) => format!("{thread}~{nonce}").into(),
            None => Arc::clone(&thread),
        },
        thread,
        grace: set.grace,
        places: set.concurrency.map(|nodes| Arc::new(Semaphore::new(nodes))),
        seed: set.seed,
        scripted: Arc::new(set.scripted),
        prefix: Arc::default(),
        control: set.control,
        children,
        above: Vec::new(),
        parent: None,
    };
    if origin.exhausted.is_some() {
        run.meter.leave();
    }
    Driver {
        run: Arc::new(run),
        state: Arc::new(origin.state),
        frontier: origin.frontier,
        late: origin.late,
        claims: origin.claims,
        shown: Vec::new(),
        step: origin.step,
        step_limit,
        steps_left: step_limit,
        wall,
        exhausted: origin.exhausted,
        place: None,
        since: Vec::new(),
        scratch: Vec::new(),
    }
}

fn outcome<S: State>(ran: Ran<S>) -> Outcome<S> {
    let Ran { driver, end, asks } = ran;
    let drained = driver.run.control.signs.drain.load(Ordering::Relaxed);
    let state = Arc::unwrap_or_clone(driver.state);
    match end {
        End::Done => Outcome::Done(state),
        // A subgraph that was drained leaves its node unfinished, without a question.
        End::Interrupted if asks.is_empty() && drained => Outcome::Drained(state),
        End::Interrupted => Outcome::Interrupted(state, asks),
        End::Cancelled => Outcome::Cancelled(state),
        End::Exhausted(limit) | End::Left(limit) => Outcome::Exhausted(state, limit),
        End::Drained => Outcome::Drained(state),
        // The outermost graph has no parent to hand a step to: it ends.
        End::Parent(_) => Outcome::Done(state),
    }
}

/// Makes everything durable, or forgets it: a thread that is held is there, if empty.
async fn finish<S: State>(
    writer: &Arc<Writer>,
    ran: Result<Ran<S>, GraphError>,
    forget: Option<Forget>,
    held: bool,
) -> Result<Outcome<S>, GraphError> {
    let is_done = matches!(ran, Ok(Ran { end: End::Done | End::Parent(_), .. }));
    if let Some(forget) = forget.filter(|_| is_done) {
        writer.discard().await;
        if forget == Forget::Thread && (held || writer.has_written().await) {
            let (thread, lease) = (writer.lease().thread.clone(), Some(writer.lease().clone()));
            writer.store().admin(Admin::Delete { thread, lease }).await?;
        }
        return ran.map(outcome);
    }
    match (ran, writer.flush().await) {
        (Ok(ran), Ok(())) => Ok(outcome(ran)),
        (Ok(_), Err(error)) => Err(error.into()),
        // The run's own failure says more than that of storing what came before it.
        (Err(error), _) => Err(error),
    }
}
