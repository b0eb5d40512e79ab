//! Removes the bytes of contents that nothing refers to any more.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{Engine, Result};

/// Contents looked at at a time.
const BATCH: u32 = 16;
/// How long they are nobody else's business.
const CLAIM: Duration = Duration::from_secs(600);
/// How long after the claim nothing is moved any more: another server may be about to look.
const ENOUGH: Duration = Duration::from_secs(300);

/// That there is something to remove, and how often was looked.
#[derive(Debug, Default)]
pub(crate) struct Released {
    told: Notify,
    looks: AtomicU64,
}

impl Released {
    /// Something has been released.
    pub(crate) fn notify_one(&self) {
        self.told.notify_one();
    }

    /// A claim's id. It counts from the server's own, which is random: what tests see of the ids
    /// of things must not depend on when somebody looks.
    fn claim(&self, server: Uuid) -> Uuid {
        let look = self.looks.fetch_add(1, Ordering::Relaxed);
        Uuid::from_u128(server.as_u128().wrapping_add(u128::from(look) + 1))
    }
}

impl Engine {
    /// Removes what is released until the engine stops.
    pub(crate) async fn watch_released_contents(&self) {
        let failing = "stored bytes are removed later";
        self.keep_clean(&self.released.told, failing, || self.remove_released_contents()).await;
    }

    /// Removes what has been released and can be removed now. The rest is tried again later: its
    /// rows are gone, nobody can reach it.
    pub(crate) async fn remove_released_contents(&self) -> Result<()> {
        while self.remove_some_released().await? > 0 {}
        Ok(())
    }

    /// How many were settled.
    ///
    /// Whoever adds a content puts its bytes in place, then its row, and looks then whether the
    /// bytes are still there. So bytes that were put aside and are in no row after that are needed
    /// by nobody: who adds them from here on finds them missing.
    async fn remove_some_released(&self) -> Result<usize> {
        let (claim, begun) = (self.released.claim(self.instance), Instant::now());
        let hashes = self.store.claim_released_contents(claim, BATCH, CLAIM).await?;
        let used = self.store.contents_in_use(&hashes).await?;
        let mut aside = Vec::new();
        for sha256 in hashes.iter().filter(|sha256| !used.contains(*sha256)) {
            let is_time = begun.elapsed() < ENOUGH;
            if is_time && is_done(sha256, self.files.put_aside(sha256).await) {
                aside.push(sha256.clone());
            }
        }
        let needed = self.store.contents_in_use(&aside).await?;
        let mut settled = Vec::with_capacity(hashes.len());
        for sha256 in hashes {
            let done = if begun.elapsed() >= ENOUGH {
                break;
            } else if used.contains(&sha256) || needed.contains(&sha256) {
                self.files.put_back(&sha256).await
            } else if aside.contains(&sha256) {
                self.files.remove(&sha256).await
            } else {
                continue;
            };
            if is_done(&sha256, done) {
                settled.push(sha256);
            }
        }
        let count = settled.len();
        self.store.settle_released_contents(claim, settled).await?;
        Ok(count)
    }
}

fn is_done(sha256: &str, done: Result<()>) -> bool {
    if let Err(error) = &done {
        tracing::warn!(file.sha256 = %sha256, %error, "stored bytes are removed later");
    }
    done.is_ok()
}
