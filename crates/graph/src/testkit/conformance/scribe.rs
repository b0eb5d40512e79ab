//! Who writes a thread in a check, and short ways to say what.

use std::sync::Arc;
use std::time::Duration;

use crate::store::{
    Admin, At, Checkpoint, Claim, Commit, Lease, Loaded, Record, Records, Seq, Source, Store,
    StoreError, ThreadId,
};

/// Longer than any check.
pub(super) const LONG: Duration = Duration::from_secs(3600);

/// A claim that asks politely.
pub(super) const CLAIM: Claim = Claim { ttl: LONG, steal: false, epoch: None };

/// A claim that takes.
pub(super) const STEAL: Claim = Claim { ttl: LONG, steal: true, epoch: None };

/// Asserts the kind of failure.
macro_rules! assert_fails {
    ($result:expr, $variant:ident, $why:expr) => {{
        let result = $result;
        assert!(
            matches!(result, Err(crate::StoreError::$variant { .. })),
            "{}: expected {}, not {result:?}",
            $why,
            stringify!($variant),
        );
    }};
}
pub(super) use assert_fails;

/// A thread and the lease on it.
pub(super) struct Scribe {
    pub(super) store: Arc<dyn Store>,
    pub(super) lease: Lease,
    pub(super) head: Option<Seq>,
    branch: u32,
    last_branch: u32,
}

pub(super) fn name(name: &str) -> ThreadId {
    ThreadId::from(format!("check/{name}"))
}

impl Scribe {
    /// Claims a new thread.
    pub(super) async fn claim(store: Arc<dyn Store>, thread: &str) -> Self {
        let lease = store.claim(&name(thread), CLAIM).await.expect("a new thread is free");
        Self { store, lease, head: None, branch: 0, last_branch: 0 }
    }

    /// One with a lease that no claim has given.
    pub(super) fn by_hand(store: Arc<dyn Store>, thread: &str, epoch: u64) -> Self {
        let lease = Lease { thread: name(thread), epoch, head: None };
        Self { store, lease, head: None, branch: 0, last_branch: 0 }
    }

    pub(super) fn thread(&self) -> &ThreadId {
        &self.lease.thread
    }

    /// The next checkpoint of the branch.
    pub(super) fn next(&self, body: &str) -> Checkpoint {
        let seq = self.head.unwrap_or(0) + 1;
        checkpoint(seq, self.branch, self.head, body)
    }

    /// A commit of the next checkpoint.
    pub(super) fn commit(&self, body: &str) -> Commit {
        self.commit_of(vec![self.next(body)], Records::Clear)
    }

    pub(super) fn commit_of(&self, checkpoints: Vec<Checkpoint>, records: Records) -> Commit {
        Commit { checkpoints, expected: self.head, records }
    }

    /// Commits, and goes on from there.
    pub(super) async fn write(&mut self, commit: Commit) -> Result<Seq, StoreError> {
        let last = commit.checkpoints.last().expect("never empty");
        let (seq, branch) = (last.seq, last.branch);
        self.store.commit(&self.lease, commit).await?;
        self.head = Some(seq);
        self.branch = branch;
        self.last_branch = self.last_branch.max(branch);
        Ok(seq)
    }

    /// Commits one checkpoint; the records are done with.
    pub(super) async fn step(&mut self, body: &str) -> Seq {
        self.write(self.commit(body)).await.expect("commits")
    }

    /// Commits so many.
    pub(super) async fn steps(&mut self, count: u64) {
        for _ in 0..count {
            let body = format!("{}", self.head.unwrap_or(0) + 1);
            self.step(&body).await;
        }
    }

    /// Commits one checkpoint with a snapshot.
    pub(super) async fn snapshot(&mut self, body: &str, snapshot: &str) -> Seq {
        let mut next = self.next(body);
        next.snapshot = Some(snapshot.to_owned());
        self.write(self.commit_of(vec![next], Records::Clear)).await.expect("commits")
    }

    /// Begins a branch at `from`.
    pub(super) async fn fork(&mut self, from: Seq) -> Seq {
        let mut next = self.next("\"fork\"");
        next.parent = Some(from);
        next.branch = self.last_branch + 1;
        next.source = Source::Fork;
        self.write(self.commit_of(vec![next], Records::Clear)).await.expect("forks")
    }

    pub(super) async fn put(&self, records: Vec<Record>) -> Result<(), StoreError> {
        self.store.put(&self.lease, records).await
    }

    /// Stores a record of the head's step.
    pub(super) async fn note(&self, path: &str, slot: &str, body: &str) {
        let note = record(self.head.unwrap_or(0), path, slot, body);
        self.put(vec![note]).await.expect("stores a record");
    }

    pub(super) async fn load(&self, at: At) -> Loaded {
        let loaded = self.store.load(self.thread(), at).await.expect("loads");
        loaded.expect("the thread has checkpoints")
    }

    /// The numbers of the line that leads to a checkpoint.
    pub(super) async fn line(&self, at: At) -> Vec<Seq> {
        self.load(at).await.line.iter().map(|checkpoint| checkpoint.seq).collect()
    }

    /// Path, slot and body of the records at a checkpoint.
    pub(super) async fn notes(&self, at: At) -> Vec<(String, String, String)> {
        let records = self.load(at).await.records;
        records.into_iter().map(|it| (it.path, it.slot, it.body)).collect()
    }

    pub(super) async fn prune(&self, before: Seq, snapshot: &str) -> Result<(), StoreError> {
        let lease = self.lease.clone();
        self.store.admin(Admin::Prune { lease, before, snapshot: snapshot.to_owned() }).await
    }
}

/// The numbers in a thread's history, newest first.
pub(super) async fn history(store: &dyn Store, thread: &ThreadId) -> Vec<Seq> {
    let page = crate::store::Page { before: None, limit: 1000 };
    let metas = store.history(thread, page).await.expect("lists");
    metas.iter().map(|meta| meta.seq).collect()
}

pub(super) fn checkpoint(seq: Seq, branch: u32, parent: Option<Seq>, body: &str) -> Checkpoint {
    let source = if parent.is_none() { Source::Input } else { Source::Step };
    let step = u32::try_from(seq - 1).expect("small");
    Checkpoint { seq, branch, parent, source, step, body: body.to_owned(), snapshot: None }
}

pub(super) fn record(base: Seq, path: &str, slot: &str, body: &str) -> Record {
    Record { base, path: path.to_owned(), slot: slot.to_owned(), body: body.to_owned() }
}

pub(super) fn note(path: &str, slot: &str, body: &str) -> (String, String, String) {
    (path.to_owned(), slot.to_owned(), body.to_owned())
}
