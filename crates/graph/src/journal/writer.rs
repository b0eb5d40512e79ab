//! One ordered way to the store for a run.
//!
//! Whatever is to be stored is buffered in the order in which it happened, and written in that
//! order: at once, behind the run's back, or when it can wait no longer, as the run's
//! [`Durability`] says. What is buffered is made into text when it is written. After a failure
//! nothing more is written.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::Mutex as AsyncMutex;

use super::deltas::Deltas;
use super::encode;
use super::text::{Text, Unstored, unpanicked};
use crate::policy::Meter;
use crate::run::notes::{SPENT, USED};
use crate::store::{Checkpoint, Commit, Head, Lease, Record, Records, Seq, Source};
use crate::{Durability, Store, StoreError};

/// How many checkpoints a run may be ahead of its store.
const LAG: usize = 64;

enum Op {
    Commit(Unmade, Records),
    Note(Note),
}

impl Op {
    const fn is_commit(&self) -> bool {
        matches!(self, Self::Commit(..))
    }
}

/// A record whose text is not made.
struct Note {
    base: Seq,
    path: String,
    slot: String,
    body: Text,
}

/// A checkpoint whose texts are not made.
struct Unmade {
    seq: Seq,
    branch: u32,
    parent: Option<Seq>,
    source: Source,
    step: u32,
    body: Text,
    snapshot: Option<Text>,
}

/// A checkpoint that has no number yet.
pub(crate) struct Next {
    pub(crate) source: Source,
    pub(crate) step: u32,
    pub(crate) body: Text,
    pub(crate) snapshot: Option<Text>,
    /// The state after it, for a snapshot should one be due.
    pub(crate) state: Option<AnyState>,
    /// Whether the notes of the step in progress still hold after it.
    pub(crate) carry: bool,
}

/// What a snapshot is made of, as it was at one moment.
pub(crate) struct AnyState {
    /// Of a type that only its graph knows.
    pub(crate) state: Arc<dyn Any + Send + Sync>,
    /// The states of persistent subgraphs, as JSON, by node.
    pub(crate) children: BTreeMap<String, Arc<str>>,
}

/// Makes the text of a whole state; its length alone where that is above the limit.
type Snapshots = dyn Fn(&AnyState, usize) -> Result<Result<String, usize>, Unstored> + Send + Sync;

/// Where the thread stands once all that is buffered is written.
struct Tip {
    head: Option<Seq>,
    branch: u32,
    last: Seq,
    last_branch: u32,
    /// The state after the head, until a step changes it.
    state: Option<AnyState>,
}

/// Where the thread stands in the store.
struct Stored {
    head: Option<Seq>,
    deltas: Deltas,
}

/// Writing has begun. Unless it comes to its end, by a panic of the store say, it has failed.
struct CutShort<'a>(&'a OnceLock<Unstored>);

impl CutShort<'_> {
    fn finished(self) {
        std::mem::forget(self);
    }
}

impl Drop for CutShort<'_> {
    fn drop(&mut self) {
        let _first = self.0.set(StoreError::failed("writing was cut short").into());
    }
}

pub(crate) struct Writer {
    store: Arc<dyn Store>,
    lease: Lease,
    durability: Durability,
    tip: Mutex<Tip>,
    buffer: Mutex<Vec<Op>>,
    /// Held while writing.
    stored: AsyncMutex<Stored>,
    snapshots: OnceLock<(Arc<str>, Box<Snapshots>)>,
    meter: OnceLock<Arc<Meter>>,
    /// Whether the store has notes of the step in progress.
    noted: AtomicBool,
    failed: OnceLock<Unstored>,
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
            state: None,
        };
        Self {
            store,
            lease,
            durability,
            tip: Mutex::new(tip),
            buffer: Mutex::default(),
            stored: AsyncMutex::new(Stored { head: seq, deltas: Deltas::of(&[]) }),
            snapshots: OnceLock::new(),
            meter: OnceLock::new(),
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
        self.stored.lock().await.head.is_some()
    }

    /// Tells what a reader of the thread goes through.
    pub(crate) async fn goes_on_from(&self, line: &[Checkpoint]) {
        self.stored.lock().await.deltas = Deltas::of(line);
    }

    /// Says how snapshots are made; there are none before that.
    pub(crate) fn snapshot_with(
        &self,
        path: Arc<str>,
        make: impl Fn(&AnyState, usize) -> Result<Result<String, usize>, Unstored>
        + Send
        + Sync
        + 'static,
    ) {
        self.snapshots.get_or_init(|| (path, Box::new(make)));
    }

    /// Says what counts what the run uses up: that goes with the notes of a step.
    pub(crate) fn counts_with(&self, meter: Arc<Meter>) {
        self.meter.get_or_init(|| meter);
    }

    /// Lets go of the state, which is about to be changed.
    pub(crate) fn let_go(&self) {
        self.tip().state = None;
    }

    /// Appends a checkpoint to the head. Written now, soon, or later.
    pub(crate) async fn commit(self: &Arc<Self>, next: Next) -> Result<Seq, Unstored> {
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
    pub(crate) async fn fork(&self, from: Seq, next: Next) -> Result<Seq, Unstored> {
        let seq = self.append(next, Some(from));
        self.flush().await?;
        Ok(seq)
    }

    fn append(&self, next: Next, fork_of: Option<Seq>) -> Seq {
        let Next { source, step, body, snapshot, state, carry } = next;
        let mut tip = self.tip();
        if fork_of.is_some() {
            tip.last_branch += 1;
            tip.branch = tip.last_branch;
        }
        let parent = fork_of.or(tip.head);
        tip.last += 1;
        tip.head = Some(tip.last);
        tip.state = state;
        let (seq, branch) = (tip.last, tip.branch);
        let checkpoint = Unmade { seq, branch, parent, source, step, body, snapshot };
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
    pub(crate) fn note(&self, path: String, slot: String, body: Text) {
        let base = self.head().unwrap_or(0);
        self.buffer().push(Op::Note(Note { base, path, slot, body }));
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
    pub(crate) async fn flush_surely(this: &Arc<Self>) -> Result<(), Unstored> {
        let writer = Arc::clone(this);
        let written = tokio::spawn(async move { writer.flush().await });
        written.await.map_err(StoreError::failed)?
    }

    /// Writes what is buffered, in order. Not to be dropped half-way.
    pub(crate) async fn flush(&self) -> Result<(), Unstored> {
        let mut stored = self.stored.lock().await;
        self.check()?;
        // What is taken out and not written is missing: nothing may be written behind it.
        let cut_short = CutShort(&self.failed);
        let written = self.write_all(&mut stored).await;
        // The first failure is the one that counts.
        let _kept = written.as_ref().err().map(|error| self.failed.set(error.clone()));
        cut_short.finished();
        written
    }

    async fn write_all(&self, stored: &mut Stored) -> Result<(), Unstored> {
        let (newest, ops) = {
            // Nothing is appended between the two.
            let mut tip = self.tip();
            let state = tip.state.take();
            (tip.head.zip(state), std::mem::take(&mut *self.buffer()))
        };
        let mut ops = ops.into_iter().peekable();
        while let Some(op) = ops.next() {
            // It may be closed meanwhile.
            self.check()?;
            let written = match op {
                Op::Commit(first, records) => {
                    let more = std::iter::from_fn(|| match ops.next_if(Op::is_commit)? {
                        Op::Commit(next, records) => Some((next, records)),
                        Op::Note(_) => None,
                    });
                    let commits = std::iter::once((first, records)).chain(more);
                    let (commit, made) = self.made_all(commits, stored, newest.as_ref());
                    match self.append_to(stored, commit).await {
                        Ok(()) => made,
                        failed => failed,
                    }
                }
                Op::Note(first) => {
                    let mut notes = vec![first];
                    while let Some(Op::Note(next)) = ops.next_if(|op| !op.is_commit()) {
                        notes.push(next);
                    }
                    self.put(notes).await
                }
            };
            written?;
        }
        Ok(())
    }

    /// Makes checkpoints, up to one that cannot be made.
    fn made_all(
        &self,
        unmade: impl Iterator<Item = (Unmade, Records)>,
        stored: &mut Stored,
        newest: Option<&(Seq, AnyState)>,
    ) -> (Commit, Result<(), Unstored>) {
        let (checkpoints, records) = (Vec::with_capacity(1), Records::None);
        let mut commit = Commit { checkpoints, expected: stored.head, records };
        for (one, records) in unmade {
            match self.made(one, &mut stored.deltas, newest) {
                Ok(checkpoint) => commit.checkpoints.push(checkpoint),
                Err(error) => return (commit, Err(error)),
            }
            // What one carries on, a later one may have done with.
            if records != Records::None {
                commit.records = records;
            }
        }
        (commit, Ok(()))
    }

    async fn append_to(&self, stored: &mut Stored, commit: Commit) -> Result<(), Unstored> {
        let Some(head) = commit.checkpoints.last().map(|last| last.seq) else { return Ok(()) };
        self.store.commit(&self.lease, commit).await?;
        stored.head = Some(head);
        Ok(())
    }

    /// Makes a checkpoint's texts; of the newest also the whole state's, when it is time for it.
    fn made(
        &self,
        unmade: Unmade,
        deltas: &mut Deltas,
        newest: Option<&(Seq, AnyState)>,
    ) -> Result<Checkpoint, Unstored> {
        let Unmade { seq, branch, parent, source, step, body, snapshot } = unmade;
        let (body, snapshot) = (body.make()?, snapshot.map(Text::make).transpose()?);
        let mut checkpoint = Checkpoint { seq, branch, parent, source, step, body, snapshot };
        deltas.add(&checkpoint);
        if let Some((limit, (newest, state))) = deltas.worth().zip(newest)
            && *newest == seq
            && let Some((path, snapshot)) = self.snapshots.get()
        {
            match unpanicked(path, || snapshot(state, limit))? {
                Ok(whole) => {
                    checkpoint.snapshot = Some(whole);
                    deltas.add(&checkpoint);
                }
                Err(bytes) => deltas.not_worth(bytes),
            }
        }
        Ok(checkpoint)
    }

    async fn put(&self, notes: Vec<Note>) -> Result<(), Unstored> {
        let made = |note: Note| {
            let Note { base, path, slot, body } = note;
            Ok(Record { base, path, slot, body: body.make()? })
        };
        let base = notes.last().map_or(0, |note| note.base);
        let mut records = notes.into_iter().map(made).collect::<Result<Vec<_>, Unstored>>()?;
        // A step that does not end says nowhere else what it has used up.
        if let Some(meter) = self.meter.get() {
            let run = Some((String::new(), meter.total())).filter(|(_, used)| !used.is_zero());
            for (path, used) in run.into_iter().chain(meter.own()) {
                let slot = if path.is_empty() { USED } else { SPENT }.to_owned();
                records.push(Record { base, path, slot, body: encode(&Arc::default(), &used)? });
            }
        }
        self.noted.store(true, Ordering::Release);
        Ok(self.store.put(&self.lease, records).await?)
    }

    /// The failure that has ended the writing, if there was one.
    pub(crate) fn check(&self) -> Result<(), Unstored> {
        self.failed.get().map_or(Ok(()), |error| Err(error.clone()))
    }

    /// Drops what is buffered and begins no write any more.
    pub(crate) fn close(&self) {
        let _first = self.failed.set(StoreError::failed("the run has ended").into());
        self.let_go();
        self.buffer().clear();
    }

    /// The same, and waits for what is being written: nothing comes after.
    pub(crate) async fn discard(&self) {
        self.close();
        let _idle = self.stored.lock().await;
    }

    fn tip(&self) -> MutexGuard<'_, Tip> {
        self.tip.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn buffer(&self) -> MutexGuard<'_, Vec<Op>> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
