//! One ordered way to the store for a run.
//!
//! Whatever is to be stored is buffered in the order in which it happened, and written in that
//! order: at once, behind the run's back, or when it can wait no longer, as the run's
//! [`Durability`] says. After a failure nothing more is written.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::Mutex as AsyncMutex;

use crate::store::{Checkpoint, Commit, Head, Lease, Record, Records, Seq, Source};
use crate::{Durability, Store, StoreError};

/// How many checkpoints a run may be ahead of its store.
const LAG: usize = 64;

enum Op {
    Commit(Checkpoint, Records),
    Note(Record),
}

/// A checkpoint that has no number yet.
pub(crate) struct Next {
    pub(crate) source: Source,
    pub(crate) step: u32,
    pub(crate) body: String,
    pub(crate) snapshot: Option<String>,
    /// Whether the notes of the step in progress still hold after it.
    pub(crate) carry: bool,
}

/// Where the thread stands once all that is buffered is written.
struct Tip {
    head: Option<Seq>,
    branch: u32,
    last: Seq,
    last_branch: u32,
}

pub(crate) struct Writer {
    store: Arc<dyn Store>,
    lease: Lease,
    durability: Durability,
    tip: Mutex<Tip>,
    buffer: Mutex<Vec<Op>>,
    /// The head as stored; held while writing.
    stored: AsyncMutex<Option<Seq>>,
    /// Whether the store has notes of the step in progress.
    noted: AtomicBool,
    failed: OnceLock<StoreError>,
}

impl Writer {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        lease: Lease,
        durability: Durability,
        head: Option<Head>,
        noted: bool,
    ) -> Self {
        let seq = head.map(|head| head.seq);
        let tip = Tip {
            head: seq,
            branch: head.map_or(0, |head| head.branch),
            last: head.map_or(0, |head| head.last),
            last_branch: head.map_or(0, |head| head.last_branch),
        };
        Self {
            store,
            lease,
            durability,
            tip: Mutex::new(tip),
            buffer: Mutex::default(),
            stored: AsyncMutex::new(seq),
            noted: AtomicBool::new(noted),
            failed: OnceLock::new(),
        }
    }

    pub(crate) const fn lease(&self) -> &Lease {
        &self.lease
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.store
    }

    pub(crate) const fn durability(&self) -> Durability {
        self.durability
    }

    /// The newest checkpoint, stored or not.
    pub(crate) fn head(&self) -> Option<Seq> {
        self.tip().head
    }

    /// Whether anything of the thread was ever stored.
    pub(crate) async fn has_written(&self) -> bool {
        self.stored.lock().await.is_some()
    }

    /// Appends a checkpoint to the head. Written now, soon, or later.
    pub(crate) async fn commit(self: &Arc<Self>, next: Next) -> Result<Seq, StoreError> {
        let seq = self.append(next, None);
        match self.durability {
            Durability::Sync => self.flush().await?,
            Durability::Async if self.buffer().len() >= LAG => self.flush().await?,
            Durability::Async => self.flush_behind(),
            Durability::Exit => {}
        }
        self.check()?;
        Ok(seq)
    }

    /// Appends a checkpoint to an older one: a new branch begins. Written now.
    pub(crate) async fn fork(&self, from: Seq, next: Next) -> Result<Seq, StoreError> {
        let seq = self.append(next, Some(from));
        self.flush().await?;
        Ok(seq)
    }

    fn append(&self, next: Next, fork_of: Option<Seq>) -> Seq {
        let Next { source, step, body, snapshot, carry } = next;
        let mut tip = self.tip();
        if fork_of.is_some() {
            tip.last_branch += 1;
            tip.branch = tip.last_branch;
        }
        let parent = fork_of.or(tip.head);
        tip.last += 1;
        tip.head = Some(tip.last);
        let (seq, branch) = (tip.last, tip.branch);
        let checkpoint = Checkpoint { seq, branch, parent, source, step, body, snapshot };
        let mut buffer = self.buffer();
        if !carry {
            // Notes that the store has not seen need not be written and deleted again.
            while let Some(Op::Note(_)) = buffer.last() {
                buffer.pop();
            }
        }
        let records = match (self.noted.load(Ordering::Acquire), carry) {
            (false, _) => Records::None,
            (true, true) => Records::Carry,
            (true, false) => Records::Clear,
        };
        self.noted.store(carry && records == Records::Carry, Ordering::Release);
        buffer.push(Op::Commit(checkpoint, records));
        seq
    }

    /// Buffers a note of the step in progress.
    pub(crate) fn note(&self, path: String, slot: String, body: String) {
        let base = self.head().unwrap_or(0);
        self.buffer().push(Op::Note(Record { base, path, slot, body }));
    }

    /// Writes on a task of its own. Whether it failed is seen at the next write.
    fn flush_behind(self: &Arc<Self>) {
        let writer = Arc::clone(self);
        tokio::spawn(async move {
            // Kept in `failed`.
            let _seen_later = writer.flush().await;
        });
    }

    /// Writes what is buffered, also when the caller is dropped meanwhile.
    pub(crate) async fn flush_surely(this: &Arc<Self>) -> Result<(), StoreError> {
        let writer = Arc::clone(this);
        let written = tokio::spawn(async move { writer.flush().await });
        written.await.map_err(StoreError::failed)?
    }

    /// Writes what is buffered, in order. Not to be dropped half-way.
    pub(crate) async fn flush(&self) -> Result<(), StoreError> {
        let mut stored = self.stored.lock().await;
        self.check()?;
        let mut ops = std::mem::take(&mut *self.buffer()).into_iter().peekable();
        while let Some(op) = ops.next() {
            let written = match op {
                Op::Commit(first, mut records) => {
                    let mut checkpoints = vec![first];
                    while let Some(Op::Commit(..)) = ops.peek() {
                        let Some(Op::Commit(next, also)) = ops.next() else { break };
                        checkpoints.push(next);
                        // What one carries on, a later one may have done with.
                        if also != Records::None {
                            records = also;
                        }
                    }
                    let head = checkpoints.last().map(|last| last.seq);
                    let commit = Commit { checkpoints, expected: *stored, records };
                    let written = self.store.commit(&self.lease, commit).await;
                    if written.is_ok() {
                        *stored = head;
                    }
                    written
                }
                Op::Note(first) => {
                    let mut notes = vec![first];
                    while let Some(Op::Note(_)) = ops.peek() {
                        let Some(Op::Note(next)) = ops.next() else { break };
                        notes.push(next);
                    }
                    self.noted.store(true, Ordering::Release);
                    self.store.put(&self.lease, notes).await
                }
            };
            written.inspect_err(|error| {
                // The first failure is the one that counts.
                let _kept = self.failed.set(error.clone());
            })?;
        }
        Ok(())
    }

    /// The failure that has ended the writing, if there was one.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        self.failed.get().map_or(Ok(()), |error| Err(error.clone()))
    }

    /// Drops what is buffered and not written.
    pub(crate) fn discard(&self) {
        self.buffer().clear();
    }

    fn tip(&self) -> MutexGuard<'_, Tip> {
        self.tip.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn buffer(&self) -> MutexGuard<'_, Vec<Op>> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
