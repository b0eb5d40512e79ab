//! The graph engine's threads: [`vpaura_graph::Store`] over this database.
//!
//! What a commit or a record costs is what a graph's step costs. On PostgreSQL each is one
//! statement, so one round trip, whose parts all hang on the row of the thread that they lock
//! first. On SQLite each is an operation of the one writer, which reads, decides and writes, and
//! shares its synced commit with whatever else waits. Reads are one statement on both, so that
//! they see one moment.
//!
//! Of leases PostgreSQL's own clock decides; see `moment.rs`.

mod claim;
mod commit;
mod copy;
mod delete;
mod history;
mod load;
mod prune;
mod put;
mod thread;

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;
use vpaura_domain::WorkspaceId;
use vpaura_graph::ThreadId;
use vpaura_graph::store::{
    Admin, At, Claim, Commit, Lease, Loaded, Meta, Page, Record, StoreError as Refusal, StoreFuture,
};

use crate::error::{Result, StoreError};
use crate::store::Store;

/// What the port answers, or why it refuses, unless the database fails.
type Answer<T> = Result<Result<T, Refusal>>;

/// One workspace's threads.
struct Checkpoints {
    store: Store,
    workspace: Uuid,
}

impl Store {
    /// The memory of graphs in one workspace, in which the names of threads are unique. Who may
    /// see which thread is the caller's affair. A failure of the database is a [`StoreError`]
    /// within [`vpaura_graph::StoreError::Failed`].
    pub fn checkpoints(&self, workspace: WorkspaceId) -> Arc<dyn vpaura_graph::Store> {
        Arc::new(Checkpoints { store: self.clone(), workspace: workspace.uuid() })
    }
}

impl Checkpoints {
    fn within(&self) -> WorkspaceId {
        WorkspaceId::from_uuid(self.workspace)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::failed(error)
    }
}

impl vpaura_graph::Store for Checkpoints {
    fn claim<'a>(&'a self, thread: &'a ThreadId, claim: Claim) -> StoreFuture<'a, Lease> {
        Box::pin(async move {
            claim.check(thread)?;
            self.claim_thread(thread, claim).await?
        })
    }

    fn renew<'a>(&'a self, lease: &'a Lease, ttl: Duration) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            lease.check()?;
            self.renew_lease(lease, ttl).await?
        })
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            lease.check()?;
            Ok(self.release_lease(lease).await?)
        })
    }

    fn put<'a>(&'a self, lease: &'a Lease, records: Vec<Record>) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            lease.check_records(&records)?;
            self.put_records(lease, records).await?
        })
    }

    fn commit<'a>(&'a self, lease: &'a Lease, commit: Commit) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            lease.check_commit(&commit)?;
            self.commit_checkpoints(lease, commit).await?
        })
    }

    fn load<'a>(&'a self, thread: &'a ThreadId, at: At) -> StoreFuture<'a, Option<Loaded>> {
        Box::pin(async move {
            thread.check()?;
            self.load_line(thread, at).await?
        })
    }

    fn history<'a>(&'a self, thread: &'a ThreadId, page: Page) -> StoreFuture<'a, Vec<Meta>> {
        Box::pin(async move {
            thread.check()?;
            Ok(self.list_checkpoints(thread, page).await?)
        })
    }

    fn admin(&self, op: Admin) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            match op {
                Admin::Delete { thread, lease } => {
                    thread.check()?;
                    lease.as_ref().map_or(Ok(()), |lease| lease.check_delete(&thread))?;
                    self.delete_thread(&thread, lease).await?
                }
                Admin::Copy { from, to } => {
                    from.check()?;
                    to.check()?;
                    self.copy_thread(from, to).await?
                }
                Admin::Prune { lease, before, snapshot } => {
                    lease.check_prune(&snapshot)?;
                    self.prune_thread(lease, before, snapshot).await?
                }
            }
        })
    }
}
