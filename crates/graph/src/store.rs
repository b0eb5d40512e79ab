//! The port to what remembers threads, and its records.
//!
//! A *thread* is one line of work with a durable log: checkpoints, each the step's delta on top of
//! its parent, and records of the step in progress (finished tasks, effects, questions). A store
//! keeps them and guards them against two writers; it does not know what they mean. The bodies are
//! JSON texts that only the engine reads.
//!
//! Contract, tested by `testkit::conformance` (feature `testkit`):
//!
//! - Everything of one call happens or nothing does, and what a call has acknowledged is durable.
//! - [`Store::put`] and [`Store::commit`] of a lease that another [`Store::claim`] has superseded
//!   fail with [`StoreError::Fenced`] and change nothing. That a lease has lapsed matters only to
//!   others' claims: until one comes, its holder may write.
//! - Whoever gets epochs elsewhere may make a lease by hand (`head: None`) and write without a
//!   claim. A write makes a thread that is not there; the thread takes the epoch of the write; a
//!   higher one that it has seen fences it.
//! - A commit moves the thread's head only from the checkpoint that it expects there, and its
//!   checkpoints are numbered on from that one.
//! - A commit comes after the calls of the same lease that came before it have been answered; puts
//!   may overlap.
//! - What cannot be stored everywhere is refused everywhere: names of another length than
//!   [`ThreadId`] allows, U+0000 in texts (JSON escapes it), checkpoints out of order.
//! - Deleting a thread forgets its epoch too, so nobody may be writing to it.

mod check;
mod memory;
mod shared;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

pub use memory::MemoryStore;

/// What a store's method returns.
pub type StoreFuture<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// The name of a thread: any text of 1 to 255 bytes without U+0000. Stores refuse others.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ThreadId(Arc<str>);

impl ThreadId {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T: AsRef<str>> From<T> for ThreadId {
    fn from(name: T) -> Self {
        Self(name.as_ref().into())
    }
}

impl fmt::Display for ThreadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A checkpoint's number within its thread: counts from 1 in the order of writing, over all
/// branches.
pub type Seq = u64;

/// Where a thread stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The newest checkpoint of the branch being written.
    pub seq: Seq,
    /// Its branch: 0 is the first, each fork begins another.
    pub branch: u32,
    /// The highest checkpoint number in the thread, over all branches.
    pub last: Seq,
    /// The highest branch in the thread.
    pub last_branch: u32,
}

/// How a thread is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// How long the lease holds unless renewed.
    pub ttl: Duration,
    /// Whether to take the thread although another's lease still holds.
    pub steal: bool,
    /// An epoch given by an outer authority, instead of the next one. It is refused as
    /// [`StoreError::Fenced`] if a higher one has been seen.
    pub epoch: Option<u64>,
}

/// The right to write to a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The thread.
    pub thread: ThreadId,
    /// The fencing token: rises with each claim. At most 2^62.
    pub epoch: u64,
    /// Where the thread stood when it was claimed; `None` if it has no checkpoint.
    pub head: Option<Head>,
}

/// A note about the step in progress: of a task that finished, an effect, a question, an answer.
/// No text in it holds U+0000; path and slot have at most 1024 bytes each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The checkpoint that the step starts from; 0 before the first.
    pub base: Seq,
    /// Which task.
    pub path: String,
    /// Which note of the task. A second record of the same base, path and slot replaces the first,
    /// in its place.
    pub slot: String,
    /// JSON.
    pub body: String,
}

/// Why a checkpoint was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// New input entered.
    Input,
    /// A step was committed.
    Step,
    /// The state was changed by hand.
    Update,
    /// An older checkpoint was made the head.
    Fork,
    /// A cancelled step: what its nodes had.
    Cancelled,
}

impl Source {
    /// Its name in a store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Step => "step",
            Self::Update => "update",
            Self::Fork => "fork",
            Self::Cancelled => "cancelled",
        }
    }

    /// The source of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Input, Self::Step, Self::Update, Self::Fork, Self::Cancelled]
            .into_iter()
            .find(|source| source.as_str() == name)
    }
}

/// One entry of a thread's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its number.
    pub seq: Seq,
    /// Its branch.
    pub branch: u32,
    /// The checkpoint before it; `None` for the first of a thread. In the first checkpoint of a
    /// branch it is the one forked from.
    pub parent: Option<Seq>,
    /// Why it was made.
    pub source: Source,
    /// The step, from 0 with each input.
    pub step: u32,
    /// JSON: what the step added.
    pub body: String,
    /// JSON: the whole state after it, on some checkpoints.
    pub snapshot: Option<String>,
}

/// What becomes of the records of the step in progress when its checkpoint is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Records {
    /// There are none.
    None,
    /// They are done with: those of every base up to the first checkpoint's parent are deleted.
    Clear,
    /// They still hold: those of the parent move to the new checkpoint.
    Carry,
}

/// Checkpoints to append, and what becomes of the records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// In order; each one's parent is the one before, the first one's is the thread's head or (for
    /// a fork) any checkpoint that is there. Their numbers follow `expected` (1 comes first)
    /// without a gap. Never empty.
    pub checkpoints: Vec<Checkpoint>,
    /// The head that is expected; `None` when the thread has no checkpoint yet.
    pub expected: Option<Seq>,
    /// What becomes of the records of the step in progress. With `Carry` they move from `expected`
    /// to the last of `checkpoints`.
    pub records: Records,
}

/// Which checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// The newest of the branch being written.
    Head,
    /// This one, on whatever branch.
    Seq(Seq),
}

/// What is needed to continue from a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// Where the thread stands.
    pub head: Head,
    /// The line that leads to the checkpoint, oldest first: from the newest one with a snapshot
    /// (or from the first of all, if none has) up to the checkpoint itself. It crosses branches.
    pub line: Vec<Checkpoint>,
    /// The records whose base is the checkpoint, in the order of writing.
    pub records: Vec<Record>,
}

/// A page of a thread's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Only checkpoints before this one.
    pub before: Option<Seq>,
    /// At most so many, of all branches, newest first.
    pub limit: u32,
}

/// A checkpoint in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// Its number.
    pub seq: Seq,
    /// Its branch.
    pub branch: u32,
    /// The checkpoint before it.
    pub parent: Option<Seq>,
    /// Why it was made.
    pub source: Source,
    /// The step.
    pub step: u32,
    /// When it was stored, by the store's clock: milliseconds since 1970-01-01 UTC.
    pub at: u64,
    /// Stored bytes: body and snapshot.
    pub bytes: u64,
    /// Whether it holds a snapshot.
    pub has_snapshot: bool,
}

/// Upkeep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admin {
    /// Deletes a thread and everything of it. A thread that is not there is no error.
    Delete {
        /// The thread.
        thread: ThreadId,
        /// The lease of whoever holds the thread, which must not be superseded; `None` deletes it
        /// whoever writes to it.
        lease: Option<Lease>,
    },
    /// Copies a thread, records included, to one that must not exist; nobody holds the copy.
    /// [`StoreError::Missing`] when there is nothing to copy.
    Copy {
        /// The thread.
        from: ThreadId,
        /// The copy's name.
        to: ThreadId,
    },
    /// Drops the checkpoints before `before` and writes `snapshot` into `before`, in one go. The
    /// lease must not be superseded. Branches that were forked from what is dropped are dropped
    /// with it, except the one being written; so are the records of what is dropped.
    /// [`StoreError::Missing`] when `before` is not on the head's line.
    Prune {
        /// The thread's lease.
        lease: Lease,
        /// The oldest checkpoint to stay; on the head's line.
        before: Seq,
        /// JSON: the whole state after `before`.
        snapshot: String,
    },
}

/// Why a store did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Another writer has claimed the thread since.
    #[error("thread `{thread}` was claimed by another writer")]
    Fenced {
        /// The thread.
        thread: ThreadId,
    },
    /// Another writer's lease holds.
    #[error("thread `{thread}` is being written by another run")]
    Busy {
        /// The thread.
        thread: ThreadId,
    },
    /// The thread's head is not the one that the commit expects.
    #[error("thread `{thread}` has moved on")]
    Moved {
        /// The thread.
        thread: ThreadId,
    },
    /// A copy's target exists.
    #[error("thread `{thread}` exists already")]
    Exists {
        /// The thread.
        thread: ThreadId,
    },
    /// What was asked for is not there.
    #[error("no checkpoint {seq} in thread `{thread}`")]
    Missing {
        /// The thread.
        thread: ThreadId,
        /// The checkpoint.
        seq: Seq,
    },
    /// The thread's name cannot be stored.
    #[error("a thread's name has 1 to 255 bytes and no U+0000")]
    BadName,
    /// What was to be stored does not hold together: a mistake of the caller.
    #[error("cannot store this in thread `{thread}`: {why}")]
    Malformed {
        /// The thread.
        thread: ThreadId,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The store itself failed.
    #[error("the store failed: {0}")]
    Failed(Arc<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// A failure of the store itself.
    pub fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Failed(Arc::from(error.into()))
    }
}

/// What remembers threads. See the [module](self) for the contract.
pub trait Store: Send + Sync + 'static {
    /// Takes the right to write to a thread, whether it exists or not; its epoch rises.
    ///
    /// Fails with [`StoreError::Busy`] while another's lease holds, unless it is to be stolen. An
    /// epoch given from outside counts as stealing.
    fn claim<'a>(&'a self, thread: &'a ThreadId, claim: Claim) -> StoreFuture<'a, Lease>;

    /// Lets the lease hold for another `ttl`.
    fn renew<'a>(&'a self, lease: &'a Lease, ttl: Duration) -> StoreFuture<'a, ()>;

    /// Gives the lease back, so that others need not wait. A lease that was superseded is no
    /// error: there is nothing to give back.
    fn release<'a>(&'a self, lease: &'a Lease) -> StoreFuture<'a, ()>;

    /// Stores records of the step in progress.
    ///
    /// Fails with [`StoreError::Missing`] when the base of one is higher than the head.
    fn put<'a>(&'a self, lease: &'a Lease, records: Vec<Record>) -> StoreFuture<'a, ()>;

    /// Appends checkpoints and moves the head.
    ///
    /// Fails with [`StoreError::Moved`] when the head is not the expected one, with
    /// [`StoreError::Missing`] when what it forks from is not there.
    fn commit<'a>(&'a self, lease: &'a Lease, commit: Commit) -> StoreFuture<'a, ()>;

    /// What is needed to continue from a checkpoint; `None` if the thread has none.
    ///
    /// Fails with [`StoreError::Missing`] when a checkpoint asked for by number is not there.
    fn load<'a>(&'a self, thread: &'a ThreadId, at: At) -> StoreFuture<'a, Option<Loaded>>;

    /// Lists checkpoints, newest first; empty if the thread has none.
    fn history<'a>(&'a self, thread: &'a ThreadId, page: Page) -> StoreFuture<'a, Vec<Meta>>;

    /// Does upkeep.
    fn admin(&self, op: Admin) -> StoreFuture<'_, ()>;
}

impl Source {
    /// Whether what lives for one step ends here. A step that was stopped is not over: its tasks
    /// see it again.
    pub(crate) const fn begins_step(self) -> bool {
        matches!(self, Self::Step | Self::Input)
    }
}
