//! A store in memory: for tests, and for threads that need not outlive the process.

mod thread;

use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::fmt;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::{
    Admin, At, Claim, Commit, Lease, Loaded, Meta, Page, Record, Store, StoreError, StoreFuture,
    ThreadId,
};
use thread::Thread;

/// Locks, each for the threads whose names fall to it.
const SHARDS: usize = 64;
/// What is as good as for ever to a lease.
const LONGEST: Duration = Duration::from_secs(3650 * 24 * 3600);

type Shard = Mutex<HashMap<ThreadId, Thread>>;
type Clock = dyn Fn() -> u64 + Send + Sync;

/// A store in memory. A clone is the same store. Its leases follow Tokio's clock.
#[derive(Clone)]
pub struct MemoryStore {
    inner: Arc<Inner>,
}

struct Inner {
    shards: [Shard; SHARDS],
    hasher: RandomState,
    clock: Box<Clock>,
}

impl MemoryStore {
    /// An empty store. [`Meta::at`] counts milliseconds from now.
    pub fn new() -> Self {
        let made = Instant::now();
        Self::with_clock(move || u64::try_from(made.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    /// An empty store whose [`Meta::at`] comes from `clock`: milliseconds since 1970.
    pub fn with_clock(clock: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        let shards = std::array::from_fn(|_| Shard::default());
        let inner = Inner { shards, hasher: RandomState::new(), clock: Box::new(clock) };
        Self { inner: Arc::new(inner) }
    }

    fn shard(&self, thread: &ThreadId) -> MutexGuard<'_, HashMap<ThreadId, Thread>> {
        let hash = usize::try_from(self.inner.hasher.hash_one(thread) % SHARDS as u64);
        // Nothing panics while it holds a lock, and nothing is left half done.
        self.inner.shards[hash.unwrap_or(0)].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `change` on a thread that `lease` may write to; one that is not there is made if
    /// `change` succeeds on an empty one. The thread takes the lease's epoch then.
    fn write<T>(
        &self,
        lease: &Lease,
        change: impl FnOnce(&mut Thread) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut shard = self.shard(&lease.thread);
        if let Some(thread) = shard.get_mut(&lease.thread) {
            if thread.epoch > lease.epoch {
                return Err(StoreError::Fenced { thread: lease.thread.clone() });
            }
            let done = change(thread)?;
            thread.epoch = lease.epoch;
            return Ok(done);
        }
        let mut thread = Thread::of_epoch(lease.epoch);
        let done = change(&mut thread)?;
        shard.insert(lease.thread.clone(), thread);
        Ok(done)
    }

    fn claim_now(&self, thread: &ThreadId, claim: Claim) -> Result<Lease, StoreError> {
        claim.check(thread)?;
        let now = Instant::now();
        let mut shard = self.shard(thread);
        let held = shard.entry(thread.clone()).or_default();
        match claim.epoch {
            Some(epoch) if epoch < held.epoch => {
                return Err(StoreError::Fenced { thread: thread.clone() });
            }
            Some(epoch) => held.epoch = epoch,
            None if held.is_held(now) && !claim.steal => {
                return Err(StoreError::Busy { thread: thread.clone() });
            }
            None => held.epoch = held.epoch.saturating_add(1),
        }
        held.until = Some(now + claim.ttl.min(LONGEST));
        Ok(Lease { thread: thread.clone(), epoch: held.epoch, head: held.head })
    }

    fn release_now(&self, lease: &Lease) -> Result<(), StoreError> {
        lease.check()?;
        if let Some(thread) = self.shard(&lease.thread).get_mut(&lease.thread)
            && thread.epoch == lease.epoch
        {
            thread.until = None;
        }
        Ok(())
    }

    fn load_now(&self, thread: &ThreadId, at: At) -> Result<Option<Loaded>, StoreError> {
        thread.check()?;
        let found = self.shard(thread).get(thread).and_then(|found| found.load(at));
        match (found, at) {
            (None, _) => Ok(None),
            // The texts are copied while nobody waits for the lock.
            (Some(Some(loaded)), _) => Ok(Some(loaded.into_loaded())),
            (Some(None), At::Seq(seq)) => Err(StoreError::Missing { thread: thread.clone(), seq }),
            (Some(None), At::Head) => Ok(None),
        }
    }

    fn admin_now(&self, op: Admin) -> Result<(), StoreError> {
        match op {
            Admin::Delete { thread, lease } => {
                thread.check()?;
                lease.as_ref().map_or(Ok(()), |lease| lease.check_delete(&thread))?;
                let mut shard = self.shard(&thread);
                let seen = shard.get(&thread).map_or(0, |found| found.epoch);
                if lease.is_some_and(|lease| seen > lease.epoch) {
                    return Err(StoreError::Fenced { thread });
                }
                let gone = shard.remove(&thread);
                drop(shard);
                // What takes long to drop keeps nobody waiting.
                drop(gone);
                Ok(())
            }
            Admin::Copy { from, to } => {
                from.check()?;
                to.check()?;
                let copy =
                    self.shard(&from).get(&from).filter(|it| it.head.is_some()).map(Thread::copy);
                let copy = copy.ok_or(StoreError::Missing { thread: from, seq: 1 })?;
                match self.shard(&to).entry(to.clone()) {
                    Entry::Occupied(_) => Err(StoreError::Exists { thread: to }),
                    Entry::Vacant(place) => {
                        place.insert(copy);
                        Ok(())
                    }
                }
            }
            Admin::Prune { lease, before, snapshot } => {
                lease.check_prune(&snapshot)?;
                let dropped =
                    self.write(&lease, |thread| thread.prune(before, snapshot, &lease.thread));
                dropped.map(drop)
            }
        }
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

impl Store for MemoryStore {
    fn claim<'a>(&'a self, thread: &'a ThreadId, claim: Claim) -> StoreFuture<'a, Lease> {
        Box::pin(async move { self.claim_now(thread, claim) })
    }

    fn renew<'a>(&'a self, lease: &'a Lease, ttl: Duration) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            lease.check()?;
            self.write(lease, |thread| {
                thread.until = Some(Instant::now() + ttl.min(LONGEST));
                Ok(())
            })
        })
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> StoreFuture<'a, ()> {
        Box::pin(async move { self.release_now(lease) })
    }

    fn put<'a>(&'a self, lease: &'a Lease, records: Vec<Record>) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            lease.check_records(&records)?;
            self.write(lease, |thread| thread.put(records, &lease.thread))
        })
    }

    fn commit<'a>(&'a self, lease: &'a Lease, commit: Commit) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            lease.check_commit(&commit)?;
            let at = (self.inner.clock)();
            self.write(lease, |thread| thread.commit(commit, at, &lease.thread))
        })
    }

    fn load<'a>(&'a self, thread: &'a ThreadId, at: At) -> StoreFuture<'a, Option<Loaded>> {
        Box::pin(async move { self.load_now(thread, at) })
    }

    fn history<'a>(&'a self, thread: &'a ThreadId, page: Page) -> StoreFuture<'a, Vec<Meta>> {
        Box::pin(async move {
            thread.check()?;
            let shard = self.shard(thread);
            Ok(shard.get(thread).map(|thread| thread.history(page)).unwrap_or_default())
        })
    }

    fn admin(&self, op: Admin) -> StoreFuture<'_, ()> {
        Box::pin(async move { self.admin_now(op) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::conformance;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn it_keeps_the_contract() {
        conformance(async || Arc::new(MemoryStore::new()) as Arc<dyn Store>).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_lapses_by_tokios_clock() {
        let store = MemoryStore::new();
        let thread = ThreadId::from("t");
        let ttl = Duration::from_secs(10);
        let claim = Claim { ttl, steal: false, epoch: None };
        store.claim(&thread, claim).await.expect("free");
        tokio::time::advance(ttl - Duration::from_millis(1)).await;
        assert!(matches!(store.claim(&thread, claim).await, Err(StoreError::Busy { .. })));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(store.claim(&thread, claim).await.expect("lapsed").epoch, 2);
    }

    /// However long the lease, and the clock's end is not reached.
    #[tokio::test]
    async fn a_lease_may_be_for_ever() {
        let store = MemoryStore::new();
        let claim = Claim { ttl: Duration::MAX, steal: false, epoch: None };
        let lease = store.claim(&ThreadId::from("t"), claim).await.expect("free");
        store.renew(&lease, Duration::MAX).await.expect("renews");
    }

    #[tokio::test]
    async fn the_given_clock_stamps_checkpoints() {
        let store = MemoryStore::with_clock(|| 1_800_000_000_000);
        let lease = Lease { thread: ThreadId::from("t"), epoch: 1, head: None };
        let checkpoint = super::super::Checkpoint {
            seq: 1,
            branch: 0,
            parent: None,
            source: super::super::Source::Input,
            step: 0,
            body: "{}".into(),
            snapshot: None,
        };
        let commit = Commit {
            checkpoints: vec![checkpoint],
            expected: None,
            records: super::super::Records::None,
        };
        store.commit(&lease, commit).await.expect("stores");
        let page = Page { before: None, limit: 1 };
        let listed = store.history(&lease.thread, page).await.expect("lists");
        assert_eq!(listed[0].at, 1_800_000_000_000);
    }
}
