//! One task of a step: a node or lane, with its attempts, limits, cache and ways out.

mod after;
mod attempt;
mod ended;
mod handed;
mod lane;
mod note;
mod spending;
mod voice;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

pub(crate) use attempt::{guarded, message};
pub(crate) use ended::{Ended, Had, Returned};
pub(crate) use handed::ToParent;
use note::Noted;
pub(crate) use note::SLOT as DONE;

use crate::ctx::{Attempt, RunShared, Voice};
use crate::event::{Emitted, EventKind};
use crate::frontier::Due;
use crate::graph::{NodeFn, NodeSpec, Work};
use crate::journal::Unstored;
use crate::policy::Meter;
use crate::worker::Parcel;
use crate::{GraphError, State, Step};
use after::After;

/// A task that is to run.
pub(crate) struct Task<S: State> {
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
        let spec = &self.run.graph.0.nodes[*node];
        if let Some(ended) = self.recalled(path).await {
            return ended;
        }
        for _ in 0..self.yields {
            tokio::task::yield_now().await;
        }
        let Some(_of_kind) = self.place(self.places.as_ref()).await else {
            return Ended::Stopped(Had::nothing());
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
            // What goes to the parent graph is in no step of this one.
            Ended::Returned(returned) if self.noted || returned.step.parent.is_some() => {
                self.note(path, returned).await
            }
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
            return Ended::Stopped(Had::nothing());
        };
        let cache = match self.cached(&job) {
            Ok(Some((_, Some(step)))) => {
                return Ended::Returned(Returned { cached: true, ..Returned::plain(step, 1) });
            }
            Ok(Some((key, None))) => Some(key),
            Ok(None) => None,
            Err(error) => return Ended::Failed(error),
        };
        let spending = match job.spec.tune.budget.map(|budget| self.spending(&job.path, budget)) {
            Some(Ok(own)) => Some(own),
            Some(Err(error)) => return Ended::Failed(error),
            None => None,
        };
        let meter = spending.as_ref().map_or(&self.run.meter, |own| &own.meter);
        let ended = self.attempts(&job, meter, cache).await;
        if let (Some(own), Ended::Returned(_) | Ended::Failed(_)) = (spending, &ended) {
            own.done();
        }
        ended
    }

    /// Runs a node's attempts, until one is the last. `cache` is the key under which its result is
    /// kept.
    async fn attempts(
        &self,
        job: &Job<'_, S>,
        meter: &Arc<Meter>,
        cache: Option<String>,
    ) -> Ended<S> {
        let mut first_begun = None;
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
            let attempt = Arc::new(self.attempt(job, (number, call), begun, meter));
            attempt.voices().counted = counted;
            let fault = match self.attempted(job, &attempt).await {
                None => return self.stopped(job, &attempt).await,
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
            let after = self.after(job, &attempt, fault).await;
            counted = std::mem::take(&mut attempt.voices().counted);
            match after {
                After::Again(wait) => tokio::select! {
                    biased;
                    () = self.cancel.cancelled() => return Ended::Stopped(Had::nothing()),
                    () = sleep(wait) => {}
                },
                After::End(ended) => {
                    // Somebody else goes on: the nodes that have finished in it are lost with it.
                    if matches!(&*ended, Ended::Returned(took) if took.diverted && took.out.is_none())
                    {
                        for voice in counted {
                            self.silence(voice).await;
                        }
                    }
                    return *ended;
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
            is_apart: limited,
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

type Place = tokio::sync::OwnedSemaphorePermit;

/// One step of SplitMix64 (Steele, Lea, Flood 2014).
pub(crate) const fn scramble(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
