//! Runs: start, log, finish, cancel, lease and recover.

mod answer;
mod cancel;
mod claim;
mod events;
mod finish;
mod interrupted;
mod lease;
mod read;
mod row;
mod start;
mod suspend;
mod unfinished;

use serde_json::Value;
use uuid::Uuid;
use vpaura_domain::{
    Conversation, Message, Run, RunEvent, RunFailure, RunId, RunStatus, Timestamp, Usage, UserId,
    WorkspaceId,
};

pub(crate) use unfinished::settle_unfinished;

use crate::{IdempotencyKey, Reserve};

/// Who executes a run, and until when that is beyond doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The server process.
    pub owner: Uuid,
    /// When others may take the run over.
    pub until: Timestamp,
}

/// A run to be stored together with the messages that it answers.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// The run, `running` or `queued`, epoch 1, with all its ids chosen by the caller.
    pub run: Run,
    /// The conversation, when this message opens it.
    pub conversation: Option<Conversation>,
    /// The messages to append, parents first; none when an existing message is answered again.
    pub messages: Vec<Message>,
    /// Whether the first message must follow the conversation's head as it is then; if not, it
    /// may open a branch anywhere.
    pub follows_head: bool,
    /// Whatever recovery needs to execute the run again.
    pub request: Value,
    /// Who executes it (or, when queued, answers for it).
    pub lease: Lease,
    /// The caller's key, if one was sent.
    pub idempotency: Option<IdempotencyKey>,
    /// What it sets aside of budgets.
    pub reserve: Reserve,
}

/// The outcome of [`start_run`](crate::Store::start_run).
#[derive(Debug, Clone, PartialEq)]
pub enum Started {
    /// Stored now: execute it.
    New(Run),
    /// The idempotency key had started this run before: follow it.
    Replayed(Run),
}

/// How a run ended.
#[derive(Debug, Clone)]
pub struct FinishRun {
    /// The run.
    pub run_id: RunId,
    /// Its workspace.
    pub workspace_id: WorkspaceId,
    /// The take that ends it.
    pub epoch: u32,
    /// `completed`, `failed` or `cancelled`.
    pub status: RunStatus,
    /// Everything it consumed.
    pub usage: Usage,
    /// The user who asked, where that is not the conversation's owner.
    pub asked_by: Option<UserId>,
    /// Whether it has set something aside of budgets.
    pub has_reserved: bool,
    /// Why it failed, when it did.
    pub error: Option<RunFailure>,
    /// The answer, whole or partial.
    pub message: Option<Message>,
    /// The events not yet stored, the terminal one last.
    pub events: Vec<RunEvent>,
    /// When it ended.
    pub now: Timestamp,
}

/// A run that waits for answers from now on.
#[derive(Debug, Clone)]
pub struct SuspendRun {
    /// The run.
    pub run_id: RunId,
    /// Its workspace.
    pub workspace_id: WorkspaceId,
    /// The take that suspends it.
    pub epoch: u32,
    /// Everything it consumed so far.
    pub usage: Usage,
    /// The events not yet stored, its questions last.
    pub events: Vec<RunEvent>,
    /// When it was suspended.
    pub now: Timestamp,
}

/// What a server learns when it renews the lease of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunLease {
    /// The run.
    pub run_id: RunId,
    /// Whether the lease still is the server's; if not, it must stop writing.
    pub held: bool,
    /// Whether a stop was asked for (false when the lease is lost).
    pub cancel_requested: bool,
}

/// A run taken over, taken from the queue or taken up again: execute it.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The run as it is now, `running`. Above epoch 1 it was begun before.
    pub run: Run,
    /// Its workspace.
    pub workspace_id: WorkspaceId,
    /// What it was started with.
    pub request: Value,
}
