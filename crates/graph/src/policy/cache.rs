//! Keeping what a node returned, to save running it again on the same input.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::{State, Step};

/// Names a node's input; equal keys mean equal results.
pub(crate) type CacheKey<S> = Arc<dyn Fn(&S) -> String + Send + Sync>;

/// Keeps what a node returned, in memory, shared by all runs of the graph. For a worker the
/// payload is part of the key by itself.
pub struct Cache<S> {
    pub(crate) key: CacheKey<S>,
    ttl: Option<Duration>,
    capacity: usize,
}

impl<S: State> Cache<S> {
    /// Keeps results by a key made from the state; at most 1,000, for ever.
    pub fn by(key: impl Fn(&S) -> String + Send + Sync + 'static) -> Self {
        Self { key: Arc::new(key), ttl: None, capacity: 1000 }
    }

    /// Keeps each at most so long.
    #[must_use]
    pub const fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// Keeps at most so many; the oldest goes first.
    #[must_use]
    pub const fn capacity(mut self, results: usize) -> Self {
        self.capacity = results;
        self
    }

    pub(crate) fn open(self) -> Cached<S> {
        Cached { policy: self, kept: Mutex::default() }
    }
}

/// A cache with what it holds.
pub(crate) struct Cached<S: State> {
    pub(crate) policy: Cache<S>,
    kept: Mutex<HashMap<String, (Instant, Step<S>)>>,
}

impl<S: State> Cached<S> {
    pub(crate) fn get(&self, key: &str) -> Option<Step<S>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, step) = kept.get(key)?;
        let stale = self.policy.ttl.is_some_and(|ttl| at.elapsed() >= ttl);
        (!stale).then(|| step.clone())
    }

    pub(crate) fn keep(&self, key: String, step: &Step<S>) {
        if self.policy.capacity == 0 {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= self.policy.capacity && !kept.contains_key(&key) {
            let oldest = kept.iter().min_by_key(|(_, (at, _))| *at).map(|(key, _)| key.clone());
            oldest.and_then(|oldest| kept.remove(&oldest));
        }
        kept.insert(key, (Instant::now(), step.clone()));
    }
}
