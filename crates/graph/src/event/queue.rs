//! The bounded way of events from the nodes to the reader.
//!
//! Places are counted by a semaphore, so that waiting for one does not depend on the types of the
//! graphs it passes through: a nested graph's event is mapped and queued in one call, without a
//! task, a copy or an allocation of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{Event, EventKind, Events};
use crate::SlowReader;

/// An event on its way: it gets its number where it is read, so that numbers and order agree.
pub(crate) struct Emitted<E> {
    pub(crate) path: Arc<str>,
    pub(crate) step: u32,
    pub(crate) attempt: u32,
    pub(crate) call: u64,
    pub(crate) kind: EventKind<E>,
}

/// What all graphs of a run share.
struct Places {
    free: Semaphore,
    /// Nobody reads any more.
    detached: AtomicBool,
    slow: SlowReader,
    cancel: CancellationToken,
    /// How long a run that is being cancelled waits for its reader: shorter than its nodes' grace,
    /// so that waiting does not cost what they have.
    grace: Duration,
}

/// Where the nodes of a graph put events.
pub(crate) struct Sink<E> {
    events: Events,
    places: Arc<Places>,
    push: Arc<dyn Fn(Emitted<E>) + Send + Sync>,
}

/// Where the reader takes them.
pub(crate) struct Queue<E> {
    places: Arc<Places>,
    queued: mpsc::UnboundedReceiver<Emitted<E>>,
    seq: u64,
}

/// A queue of at most `buffer` events.
pub(crate) fn queue<E: Send + 'static>(
    buffer: usize,
    events: Events,
    slow: SlowReader,
    cancel: CancellationToken,
    grace: Duration,
) -> (Sink<E>, Queue<E>) {
    let places = Arc::new(Places {
        free: Semaphore::new(buffer.clamp(1, Semaphore::MAX_PERMITS)),
        detached: AtomicBool::new(false),
        slow,
        cancel,
        grace,
    });
    // Unbounded in itself: every message holds one of the places.
    let (sender, queued) = mpsc::unbounded_channel();
    let push = Arc::new(move |emitted| {
        // A reader that is gone needs no event.
        let _gone = sender.send(emitted);
    });
    (Sink { events, places: Arc::clone(&places), push }, Queue { places, queued, seq: 0 })
}

impl<E: Send + 'static> Sink<E> {
    /// Whether events of this kind are told at all.
    pub(crate) const fn wants(&self, events: Events) -> bool {
        self.events.has(events)
    }

    /// Queues an event, waiting for a place; `false` when nobody reads. `gate` lets it in, or not:
    /// then its place is free again.
    pub(crate) async fn send(
        &self,
        emitted: Emitted<E>,
        gate: impl FnOnce(&mut dyn FnMut()),
    ) -> bool {
        if !self.events.tells(&emitted.kind) {
            return true;
        }
        if !self.place().await {
            return false;
        }
        let mut held = Some((Taken(&self.places), emitted));
        gate(&mut || {
            if let Some((taken, emitted)) = held.take() {
                // A nested graph's event is made one of the graph around by foreign code.
                (self.push)(emitted);
                std::mem::forget(taken);
            }
        });
        held.is_none()
    }

    /// Waits for a place; `false` when nobody reads.
    async fn place(&self) -> bool {
        let places = &*self.places;
        if places.detached.load(Ordering::Relaxed) {
            return false;
        }
        if let Ok(place) = places.free.try_acquire() {
            place.forget();
            return true;
        }
        match places.slow {
            SlowReader::Detach => {
                places.detach();
                false
            }
            SlowReader::Wait => places.wait().await,
        }
    }

    /// The sink of a graph nested in this one at `path`.
    pub(crate) fn nested<C>(
        &self,
        path: Arc<str>,
        custom: Arc<dyn Fn(C) -> E + Send + Sync>,
    ) -> Sink<C>
    where
        C: 'static,
    {
        let outer = Arc::clone(&self.push);
        // The run itself has an empty path; inside a node it is the node's.
        let push = move |emitted: Emitted<C>| {
            let Emitted { path: inner, step, attempt, call, kind } = emitted;
            let path = if inner.is_empty() { Arc::clone(&path) } else { inner };
            let kind = kind.map(&*custom);
            outer(Emitted { path, step, attempt, call, kind });
        };
        Sink { events: self.events, places: Arc::clone(&self.places), push: Arc::new(push) }
    }
}

/// A place that is given back when nothing is put there.
struct Taken<'a>(&'a Places);

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.0.free.add_permits(1);
    }
}

impl<E> Clone for Sink<E> {
    fn clone(&self) -> Self {
        let push = Arc::clone(&self.push);
        Self { events: self.events, places: Arc::clone(&self.places), push }
    }
}

impl Places {
    fn detach(&self) {
        self.detached.store(true, Ordering::Relaxed);
        self.free.close();
    }

    /// Waits for the reader, but when the run is being cancelled not for ever.
    async fn wait(&self) -> bool {
        let mut place = std::pin::pin!(self.free.acquire());
        let acquired = tokio::select! {
            biased;
            acquired = &mut place => acquired,
            () = self.cancel.cancelled() => match timeout(self.grace, place).await {
                Ok(acquired) => acquired,
                Err(_) => {
                    self.detach();
                    return false;
                }
            },
        };
        // Closed: nobody reads.
        acquired.map(tokio::sync::SemaphorePermit::forget).is_ok()
    }
}

impl<E> Queue<E> {
    pub(crate) async fn next(&mut self) -> Option<Event<E>> {
        if self.is_detached() {
            // Nothing more comes.
            self.queued.close();
        }
        let Emitted { path, step, attempt, call, kind } = self.queued.recv().await?;
        self.places.free.add_permits(1);
        self.seq += 1;
        Some(Event { seq: self.seq, path, step, attempt, call, kind })
    }

    /// Takes no more: what is sent from now on is dropped; what is queued can be read.
    pub(crate) fn close(&mut self) {
        self.places.detach();
        self.queued.close();
    }

    /// Whether the run goes on without this reader.
    pub(crate) fn is_detached(&self) -> bool {
        self.places.detached.load(Ordering::Relaxed)
    }
}

impl<E> Drop for Queue<E> {
    fn drop(&mut self) {
        self.places.detach();
    }
}
