//! Appends checkpoints and moves the head.

mod postgres;
mod sqlite;

use vpaura_graph::store::{Commit, Lease, Records};

use super::{Answer, Checkpoints};
use crate::codec::to_i64;

/// What a commit does to the rest of the thread, as columns.
struct Plan {
    epoch: i64,
    /// The new head.
    head: i64,
    branch: i64,
    last_branch: i64,
    /// The head that is expected.
    expected: Option<i64>,
    /// Where the first checkpoint hangs, if that is not the head.
    fork_of: Option<i64>,
    /// Records of bases up to this one go; below 0 if none go.
    clear: i64,
    /// The base whose records move to the new head.
    carry: Option<i64>,
}

impl Plan {
    /// `None` for a commit without checkpoints, which is refused before.
    fn of(lease: &Lease, commit: &Commit) -> Option<Self> {
        let (first, last) = (commit.checkpoints.first()?, commit.checkpoints.last()?);
        let last_branch = commit.checkpoints.iter().map(|it| it.branch).max()?;
        let (clear, carry) = match commit.records {
            Records::None => (-1, None),
            Records::Clear => (to_i64(first.parent.unwrap_or(0)), None),
            Records::Carry => (-1, Some(to_i64(commit.expected.unwrap_or(0)))),
        };
        Some(Self {
            epoch: to_i64(lease.epoch),
            head: to_i64(last.seq),
            branch: last.branch.into(),
            last_branch: last_branch.into(),
            expected: commit.expected.map(to_i64),
            fork_of: first.parent.filter(|_| first.parent != commit.expected).map(to_i64),
            clear,
            carry,
        })
    }
}

impl Checkpoints {
    pub(super) async fn commit_checkpoints(&self, lease: &Lease, commit: Commit) -> Answer<()> {
        let Some(plan) = Plan::of(lease, &commit) else { return Ok(Ok(())) };
        match self.store.postgres() {
            Some(pool) => self.commit_postgres(pool, lease, &commit, &plan).await,
            None => {
                let (workspace, at) = (self.workspace, self.store.now().millis());
                self.store
                    .write(
                        self.within(),
                        (lease.clone(), commit, plan),
                        move |tx, (lease, commit, plan)| {
                            Box::pin(sqlite::commit(tx, workspace, lease, commit, plan, at))
                        },
                    )
                    .await
            }
        }
    }
}
