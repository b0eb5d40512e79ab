//! What a node is given: a snapshot of the state, the run's context, and ways to speak, to ask, to
//! remember and to pay.

mod interrupt;
mod once;
mod partial;
mod saying;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use interrupt::{Ask, Key};
pub(crate) use interrupt::{Asked, SLOT as ASK};
pub(crate) use once::{Called, SLOT as ONCE};
pub use partial::Partial;
pub(crate) use saying::{Alive, Voice, Voices};

use crate::codec::Codec;
use crate::driver::{Children, Control};
use crate::error::Failing;
use crate::event::{Emitted, EventKind, Sink};
use crate::graph::NodeFn;
use crate::journal::Journal;
use crate::policy::{Charged, Meter};
use crate::task::ToParent;
use crate::{Graph, NodeError, OnUnknown, State, Usage, Warning};

/// What all nodes of a graph share in a run.
pub(crate) struct RunShared<S: State> {
    pub(crate) graph: Graph<S>,
    pub(crate) context: Arc<S::Context>,
    pub(crate) cancel: CancellationToken,
    pub(crate) sink: Sink<S::Event>,
    pub(crate) journal: Journal,
    pub(crate) codec: Option<Codec<S>>,
    /// Warnings are errors.
    pub(crate) strict: bool,
    pub(crate) meter: Arc<Meter>,
    /// Names the thread, or the run where there is none.
    pub(crate) thread: Arc<str>,
    /// Names it in idempotency keys: no other thread is named so, not even one of the same name.
    pub(crate) keys: Arc<str>,
    pub(crate) grace: std::time::Duration,
    /// How many nodes may run at once.
    pub(crate) places: Option<Arc<Semaphore>>,
    pub(crate) seed: u64,
    /// Nodes replaced in tests, by path.
    pub(crate) scripted: Arc<Vec<(String, NodeFn<S>)>>,
    /// The path of the node that this graph runs in, with a slash; empty in the outermost.
    pub(crate) prefix: Arc<str>,
    pub(crate) control: Control,
    pub(crate) children: Children,
    /// The attempts of the nodes that this graph runs in, from the outermost: a sign of life in it
    /// is one of theirs.
    pub(crate) above: Vec<Arc<dyn Alive>>,
    /// How what goes to the parent graph is stored; none in the outermost, and without a store.
    pub(crate) parent: Option<Arc<ToParent>>,
}

/// One attempt of a node.
pub(crate) struct Attempt<S: State> {
    pub(crate) node: &'static str,
    pub(crate) path: Arc<str>,
    pub(crate) step: u32,
    pub(crate) attempt: u32,
    /// Its number in the run.
    pub(crate) call: u64,
    pub(crate) cancel: CancellationToken,
    /// It runs on a task of its own, which may outlive it.
    pub(crate) is_apart: bool,
    pub(crate) first_begun: Instant,
    pub(crate) begun: Instant,
    /// The last sign of life, in milliseconds after `begun`.
    pub(crate) pulse: AtomicU64,
    /// How many things it is saying: then it waits for the reader, if for anything.
    pub(crate) saying: AtomicUsize,
    /// Whether the node watches for its cancellation: only then is it worth waiting for.
    pub(crate) listens: AtomicBool,
    /// Nobody waits for it any more: what it does from here on is not to be noted.
    pub(crate) over: AtomicBool,
    /// Whether it has said anything that a retry must take back.
    pub(crate) spoke: AtomicBool,
    pub(crate) inner: Mutex<Voices>,
    /// What it has said is being taken back. Held while something is queued, so that nothing comes
    /// behind that.
    pub(crate) closed: Mutex<bool>,
    pub(crate) partial: Mutex<Option<partial::Finish<S>>>,
    pub(crate) meter: Arc<Meter>,
    pub(crate) on_unknown: OnUnknown,
    /// The effects it has called for, by key.
    pub(crate) effects: Mutex<BTreeMap<Key, Called>>,
}

impl<S: State> Attempt<S> {
    pub(crate) fn voice(&self) -> Voice {
        let Self { path, step, attempt, call, .. } = self;
        Voice { path: Arc::clone(path), step: *step, attempt: *attempt, call: *call }
    }

    pub(crate) fn voices(&self) -> MutexGuard<'_, Voices> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing that it says is heard from here on.
    pub(crate) fn close(&self) {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }
}

/// What a node is given. Owned, so that a node's future borrows nothing; cheap to clone.
pub struct Ctx<S: State> {
    pub(crate) state: Arc<S>,
    pub(crate) run: Arc<RunShared<S>>,
    pub(crate) task: Arc<Attempt<S>>,
}

impl<S: State> Ctx<S> {
    /// The state as it was when the step began; the same for all nodes of the step.
    pub fn state(&self) -> &S {
        &self.state
    }

    /// What the run was given from outside.
    pub fn app(&self) -> &Arc<S::Context> {
        &self.run.context
    }

    /// An update that changes nothing yet.
    pub fn update(&self) -> S::Update {
        S::Update::default()
    }

    /// The step, from 1 with each input.
    pub fn step(&self) -> u32 {
        self.task.step
    }

    /// The node's name.
    pub fn node(&self) -> &'static str {
        self.task.node
    }

    /// The node's path: see [`Event::path`](crate::Event).
    pub fn path(&self) -> &Arc<str> {
        &self.task.path
    }

    /// The attempt, from 1.
    pub fn attempt(&self) -> u32 {
        self.task.attempt
    }

    /// When the first attempt began; the same in all attempts.
    pub fn first_attempt_at(&self) -> Instant {
        self.task.first_begun
    }

    /// Says a piece of text, at once and without a copy. Waits while the run's buffer is full: a
    /// slow reader slows the node, no token is dropped.
    ///
    /// # Errors
    /// When the run is being cancelled and the reader takes nothing more; `?` ends the node then.
    pub async fn token(&self, text: impl Into<Bytes>) -> Result<(), NodeError> {
        if self.say(EventKind::Token(text.into())).await || !self.task.cancel.is_cancelled() {
            return Ok(());
        }
        Err(NodeError(Box::new(Failing::Cancelled)))
    }

    /// Tells the run's reader something, as [`Self::token`] does.
    pub async fn emit(&self, event: S::Event) {
        self.say(EventKind::Custom(event)).await;
    }

    /// Sends what the node says.
    async fn say(&self, kind: EventKind<S::Event>) -> bool {
        if !self.task.spoke.swap(true, Ordering::Relaxed) && !self.run.above.is_empty() {
            let voice = self.task.voice();
            self.run.above.iter().for_each(|attempt| attempt.heard(&voice));
        }
        self.send(kind).await
    }

    /// Whether somebody may read it. Waiting for the reader is not silence.
    pub(crate) async fn send(&self, kind: EventKind<S::Event>) -> bool {
        let Voice { path, step, attempt, call } = self.task.voice();
        let emitted = Emitted { path, step, attempt, call, kind };
        self.run.tell_through(emitted, Some(&*self.task)).await
    }

    /// Tells of what is probably a mistake.
    ///
    /// # Errors
    /// The warning, in a strict graph.
    async fn warn(&self, warning: Warning) -> Result<(), NodeError> {
        if self.run.strict {
            return Err(NodeError::permanent(warning));
        }
        tracing::warn!("{warning}");
        self.send(EventKind::Warning(warning)).await;
        Ok(())
    }

    /// A sign of life, for nodes with an idle timeout that have nothing to say. Tokens and events
    /// are signs of life too.
    pub fn heartbeat(&self) {
        self.task.beat();
        self.run.above.iter().for_each(|attempt| attempt.beat());
    }

    /// Books what the node used up on the budgets it is under.
    ///
    /// # Errors
    /// When a limit is passed. `?` ends the node; the graph then takes the way out that
    /// [`Tune::on_budget`](crate::Tune::on_budget) names, or ends as
    /// [`Outcome::Exhausted`](crate::Outcome::Exhausted).
    pub async fn charge(&self, usage: Usage) -> Result<(), NodeError> {
        match self.task.meter.charge(usage) {
            Charged::Fine => Ok(()),
            Charged::Warn(limit) => {
                self.send(EventKind::BudgetWarning(limit)).await;
                Ok(())
            }
            Charged::Exhausted(limit) => Err(NodeError(Box::new(Failing::Budget(limit)))),
        }
    }

    /// Resolves when the node is to stop: the run is being cancelled, or its result is not needed
    /// any more. A node that has called this (or [`Self::is_cancelled`] or
    /// [`Self::cancel_token`]) then has a grace period (see
    /// [`RunBuilder::grace`](crate::RunBuilder::grace)) to return what it has. Others are dropped
    /// at once; what they have in a [`Partial`] is kept.
    pub async fn cancelled(&self) {
        self.cancel_token().cancelled().await;
    }

    /// Whether the node is to stop. See [`Self::cancelled`].
    pub fn is_cancelled(&self) -> bool {
        self.cancel_token().is_cancelled()
    }

    /// The token behind [`Self::cancelled`], to hand on to what the node calls.
    pub fn cancel_token(&self) -> &CancellationToken {
        self.task.listens.store(true, Ordering::Relaxed);
        &self.task.cancel
    }
}

// Not derived: what it holds is shared, not copied.
impl<S: State> Clone for Ctx<S> {
    fn clone(&self) -> Self {
        Self {
            state: Arc::clone(&self.state),
            run: Arc::clone(&self.run),
            task: Arc::clone(&self.task),
        }
    }
}
