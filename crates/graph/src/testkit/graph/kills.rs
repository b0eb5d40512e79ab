//! The same run, killed at each call of its store and recovered.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use serde_json::Value;

use super::watch::{Effects, Watch};
use super::{Life, THREAD, TestGraph, json};
use crate::store::{At, Store};
use crate::testkit::{Call, Fault, FaultStore};
use crate::{Durable, EventKind, GraphError, MemoryStore, UnknownEffect};

/// What became of a run that was killed at each call of its store.
pub struct Kills {
    /// In the order of the calls, each killed before and after it was done.
    pub points: Vec<KillPoint>,
}

/// A kill and what came after it.
#[derive(Debug, Clone, PartialEq)]
pub struct KillPoint {
    /// Which call of the store, from 1.
    pub call: usize,
    /// Its kind.
    pub kind: Call,
    /// Whether the call was done before the kill.
    pub done: bool,
    /// How the recovery ended.
    pub recovered: Recovered,
    /// Nodes that had been told as finished and ran again: path and step.
    pub again: Vec<String>,
    /// Effects that were done more often than in the run without a kill, by key; one under a key
    /// that the run without a kill did not have is such an effect too.
    pub repeated: Vec<String>,
}

/// How a recovery ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Recovered {
    /// In the state of the run without a kill.
    Same,
    /// In another state (JSON).
    Different(Value),
    /// Of an effect it could not be known whether it had happened, and the node's policy is to
    /// fail. The effect's key.
    Unknown(String),
    /// Otherwise.
    Failed(String),
}

/// How often nodes finished by running, by path and step.
type Finished = BTreeMap<String, usize>;

impl<S: Durable + Default> TestGraph<S> {
    /// Runs on `input` once undisturbed, then once for each call of the store and each of before
    /// and after it: kills the run there and recovers it from what was stored.
    ///
    /// # Panics
    /// When the undisturbed run fails.
    pub async fn kill_at_every_commit(&self, input: S::Update) -> Kills {
        let store = FaultStore::new(MemoryStore::new());
        let effects = Effects::default();
        let life = Box::pin(self.life(&store, &effects, &self.staged(), Some(&input))).await;
        let finished = finished(&life);
        let outcome = life.outcome.unwrap_or_else(|error| panic!("without a kill: {error}"));
        let whole = Whole { state: json(outcome.state()), finished, effects: count(&effects) };
        let calls = store.log();
        let mut points = Vec::new();
        for (before, &kind) in calls.iter().enumerate() {
            for done in [false, true] {
                let point = KillPoint {
                    call: before + 1,
                    kind,
                    done,
                    recovered: Recovered::Same,
                    again: Vec::new(),
                    repeated: Vec::new(),
                };
                points.push(Box::pin(self.kill(point, &input, &whole)).await);
            }
        }
        Kills { points }
    }

    async fn kill(&self, mut point: KillPoint, input: &S::Update, whole: &Whole) -> KillPoint {
        let fault = Fault::Kill { done: point.done };
        let store = FaultStore::new(MemoryStore::new()).at(point.call, fault);
        let (effects, scripted) = (Effects::default(), self.staged());
        let first = Box::pin(self.life(&store, &effects, &scripted, Some(input))).await;
        let left = store.inner().clone();
        let known = left.load(&THREAD.into(), At::Head).await.expect("memory loads").is_some();
        // What was never stored was never taken on: its sender sends it again.
        let again = (!known).then_some(input);
        let second = Box::pin(self.life(&left, &effects, &scripted, again)).await;
        let mut ran = finished(&first);
        for (node, times) in finished(&second) {
            *ran.entry(node).or_default() += times;
        }
        let more = ran.into_iter().filter(|(node, times)| {
            *times > whole.finished.get(node).copied().unwrap_or_default().max(1)
        });
        point.again = more.map(|(node, _)| node).collect();
        let more = count(&effects)
            .into_iter()
            .filter(|(key, times)| *times > whole.effects.get(key).copied().unwrap_or_default());
        point.repeated = more.map(|(key, _)| key).collect();
        point.recovered = match second.outcome {
            Ok(outcome) => {
                let state = json(outcome.state());
                if state == whole.state { Recovered::Same } else { Recovered::Different(state) }
            }
            Err(error) => unknown(&error),
        };
        point
    }

    async fn life<T: Store + Clone>(
        &self,
        store: &T,
        effects: &Effects,
        scripted: &super::Scripted<S>,
        input: Option<&S::Update>,
    ) -> Life<S> {
        let watch = Watch { store: store.clone(), effects: Arc::clone(effects) };
        let store: Arc<dyn Store> = Arc::new(watch);
        Box::pin(self.live(&store, scripted, input.cloned())).await
    }
}

/// What the run without a kill did.
struct Whole {
    state: Value,
    finished: Finished,
    effects: BTreeMap<String, usize>,
}

fn finished<S: Durable>(life: &Life<S>) -> Finished {
    let mut finished = Finished::new();
    for event in &life.events {
        if let EventKind::NodeFinished { cached: false } = event.kind {
            *finished.entry(format!("{} at step {}", event.path, event.step)).or_default() += 1;
        }
    }
    finished
}

fn count(effects: &Effects) -> BTreeMap<String, usize> {
    effects.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn unknown(error: &GraphError) -> Recovered {
    if let GraphError::Node { source, .. } = error
        && let Some(UnknownEffect { key }) = source.downcast_ref()
    {
        return Recovered::Unknown(key.clone());
    }
    Recovered::Failed(error.to_string())
}

impl Kills {
    /// Asserts that every recovery ended in the same state, except where it had to stop at an
    /// effect of which nobody can know.
    ///
    /// # Panics
    /// When one did not; the message names the call.
    pub fn same_state(&self) -> &Self {
        self.none("recovered otherwise", |point| {
            !matches!(point.recovered, Recovered::Same | Recovered::Unknown(_))
        })
    }

    /// Asserts that no node that was told as finished ran again. Holds with
    /// [`Durability::Sync`](crate::Durability) only.
    ///
    /// # Panics
    /// When one did; the message names the call.
    pub fn finished_once(&self) -> &Self {
        self.none("ran finished nodes again", |point| !point.again.is_empty())
    }

    /// Asserts that no effect was done more often than without a kill.
    ///
    /// # Panics
    /// When one was; the message names the call.
    pub fn effects_once(&self) -> &Self {
        self.none("repeated effects", |point| !point.repeated.is_empty())
    }

    /// How many recoveries stopped at an effect of which nobody can know.
    pub fn unknowns(&self) -> usize {
        let unknown = |point: &&KillPoint| matches!(point.recovered, Recovered::Unknown(_));
        self.points.iter().filter(unknown).count()
    }

    fn none(&self, what: &str, bad: impl Fn(&KillPoint) -> bool) -> &Self {
        let bad: Vec<&KillPoint> = self.points.iter().filter(|point| bad(point)).collect();
        assert!(bad.is_empty(), "{} of {} kills {what}: {bad:#?}", bad.len(), self.points.len());
        self
    }
}
