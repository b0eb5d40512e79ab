//! A store that fails, waits or dies at the call that a test names.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::store::{
    Admin, At, Claim, Commit, Lease, Loaded, Meta, Page, Record, Store, StoreError, StoreFuture,
    ThreadId,
};

/// A kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// [`Store::claim`].
    Claim,
    /// [`Store::renew`].
    Renew,
    /// [`Store::release`].
    Release,
    /// [`Store::put`].
    Put,
    /// [`Store::commit`].
    Commit,
    /// [`Store::load`].
    Load,
    /// [`Store::history`].
    History,
    /// [`Store::admin`].
    Admin,
}

/// What happens at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails, and nothing is stored.
    Fail,
    /// It is stored, but the answer is lost: the caller hears of a failure.
    Lose,
    /// It panics, and nothing is stored.
    Panic,
    /// It waits so long, by Tokio's clock, before it begins.
    Delay(Duration),
    /// The process dies as far as the store can tell: this call and all later ones fail.
    Kill {
        /// Whether this call is stored before.
        done: bool,
    },
}

/// A store around another one, with faults planned by the test. It counts calls from 1. A clone
/// is the same store; [`inner`](Self::inner) is what is left after a kill.
pub struct FaultStore<S> {
    shared: Arc<Shared<S>>,
}

struct Shared<S> {
    store: S,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    log: Vec<Call>,
    plan: Vec<Planned>,
    dead: bool,
}

struct Planned {
    /// Only these calls count; all if `None`.
    call: Option<Call>,
    nth: usize,
    fault: Fault,
}

impl<S: Store> FaultStore<S> {
    /// A store without faults around `store`.
    pub fn new(store: S) -> Self {
        Self { shared: Arc::new(Shared { store, state: Mutex::default() }) }
    }

    /// Plans a fault at the `nth` call of all, counted from the store's making.
    #[must_use]
    pub fn at(self, nth: usize, fault: Fault) -> Self {
        self.plan(None, nth, fault)
    }

    /// Plans a fault at the `nth` call of this kind.
    #[must_use]
    pub fn at_call(self, call: Call, nth: usize, fault: Fault) -> Self {
        self.plan(Some(call), nth, fault)
    }

    fn plan(self, call: Option<Call>, nth: usize, fault: Fault) -> Self {
        self.state().plan.push(Planned { call, nth, fault });
        self
    }

    /// The store behind.
    pub fn inner(&self) -> &S {
        &self.shared.store
    }

    /// All calls so far, in order; also those that failed, until a kill.
    pub fn log(&self) -> Vec<Call> {
        self.state().log.clone()
    }

    /// How many calls of this kind there were.
    pub fn calls(&self, call: Call) -> usize {
        self.state().log.iter().filter(|logged| **logged == call).count()
    }

    /// Whether a kill has happened.
    pub fn is_dead(&self) -> bool {
        self.state().dead
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call and says what is to happen at it.
    fn next(&self, call: Call) -> Result<Option<Fault>, StoreError> {
        let mut state = self.state();
        if state.dead {
            return Err(StoreError::failed("the process was killed"));
        }
        state.log.push(call);
        let of_kind = state.log.iter().filter(|logged| **logged == call).count();
        let all = state.log.len();
        let fault = state.plan.iter().find(|planned| match planned.call {
            None => planned.nth == all,
            Some(only) => only == call && planned.nth == of_kind,
        });
        let fault = fault.map(|planned| planned.fault);
        state.dead = matches!(fault, Some(Fault::Kill { .. }));
        Ok(fault)
    }

    /// Lets `run` happen as planned.
    fn call<'a, T: Send + 'a>(
        &'a self,
        call: Call,
        run: impl FnOnce(&'a S) -> BoxFuture<'a, Result<T, StoreError>> + Send + 'a,
    ) -> StoreFuture<'a, T> {
        Box::pin(async move {
            let store = &self.shared.store;
            match self.next(call)? {
                None => run(store).await,
                Some(Fault::Delay(time)) => {
                    tokio::time::sleep(time).await;
                    run(store).await
                }
                Some(Fault::Panic) => panic!("a planned panic"),
                Some(Fault::Fail) => Err(StoreError::failed("a planned failure")),
                Some(Fault::Kill { done: false }) => Err(StoreError::failed("a planned kill")),
                Some(Fault::Lose | Fault::Kill { done: true }) => {
                    run(store).await?;
                    Err(StoreError::failed("a planned loss of the answer"))
                }
            }
        })
    }
}

impl<S> Clone for FaultStore<S> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<S> fmt::Debug for FaultStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultStore").finish_non_exhaustive()
    }
}

impl<S: Store> Store for FaultStore<S> {
    fn claim<'a>(&'a self, thread: &'a ThreadId, claim: Claim) -> StoreFuture<'a, Lease> {
        self.call(Call::Claim, move |store| store.claim(thread, claim))
    }

    fn renew<'a>(&'a self, lease: &'a Lease, ttl: Duration) -> StoreFuture<'a, ()> {
        self.call(Call::Renew, move |store| store.renew(lease, ttl))
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> StoreFuture<'a, ()> {
        self.call(Call::Release, move |store| store.release(lease))
    }

    fn put<'a>(&'a self, lease: &'a Lease, records: Vec<Record>) -> StoreFuture<'a, ()> {
        self.call(Call::Put, move |store| store.put(lease, records))
    }

    fn commit<'a>(&'a self, lease: &'a Lease, commit: Commit) -> StoreFuture<'a, ()> {
        self.call(Call::Commit, move |store| store.commit(lease, commit))
    }

    fn load<'a>(&'a self, thread: &'a ThreadId, at: At) -> StoreFuture<'a, Option<Loaded>> {
        self.call(Call::Load, move |store| store.load(thread, at))
    }

    fn history<'a>(&'a self, thread: &'a ThreadId, page: Page) -> StoreFuture<'a, Vec<Meta>> {
        self.call(Call::History, move |store| store.history(thread, page))
    }

    fn admin(&self, op: Admin) -> StoreFuture<'_, ()> {
        self.call(Call::Admin, move |store| store.admin(op))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryStore;

    const CLAIM: Claim = Claim { ttl: Duration::from_secs(60), steal: true, epoch: None };

    async fn epochs<S: Store>(store: &S) -> Vec<Option<u64>> {
        let mut epochs = Vec::new();
        for _ in 0..4 {
            let lease = store.claim(&ThreadId::from("t"), CLAIM).await;
            epochs.push(lease.ok().map(|lease| lease.epoch));
        }
        epochs
    }

    #[tokio::test]
    async fn a_failure_stores_nothing_and_a_lost_answer_does() {
        let store = FaultStore::new(MemoryStore::new()).at(2, Fault::Fail);
        assert_eq!(epochs(&store).await, [Some(1), None, Some(2), Some(3)]);
        let store = FaultStore::new(MemoryStore::new()).at(2, Fault::Lose);
        assert_eq!(epochs(&store).await, [Some(1), None, Some(3), Some(4)]);
    }

    #[tokio::test]
    async fn nothing_works_after_a_kill_but_what_was_stored_is_there() {
        for (done, next) in [(false, 2), (true, 3)] {
            let store = FaultStore::new(MemoryStore::new()).at(2, Fault::Kill { done });
            assert_eq!(epochs(&store).await, [Some(1), None, None, None]);
            assert!(store.is_dead());
            assert_eq!(store.calls(Call::Claim), 2);
            assert_eq!(epochs(store.inner()).await[0], Some(next));
        }
    }

    #[tokio::test]
    async fn a_fault_may_wait_for_its_kind_of_call() {
        let store = FaultStore::new(MemoryStore::new()).at_call(Call::Load, 1, Fault::Fail);
        assert_eq!(epochs(&store).await, [Some(1), Some(2), Some(3), Some(4)]);
        assert!(store.load(&ThreadId::from("t"), At::Head).await.is_err());
        assert!(store.load(&ThreadId::from("t"), At::Head).await.is_ok());
        let expected = [[Call::Claim; 4].as_slice(), &[Call::Load; 2]].concat();
        assert_eq!(store.log(), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_delay_is_by_tokios_clock() {
        let delay = Fault::Delay(Duration::from_secs(3600));
        let store = FaultStore::new(MemoryStore::new()).at(1, delay);
        let before = tokio::time::Instant::now();
        assert_eq!(epochs(&store).await, [Some(1), Some(2), Some(3), Some(4)]);
        assert_eq!(before.elapsed(), Duration::from_secs(3600));
    }
}
