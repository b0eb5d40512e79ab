//! Removes what deleted collections left: now, and after a restart what a killed server left.

use std::time::Duration;

use crate::{Engine, Result};

/// How often left-behind rows are looked for.
const LOOK: Duration = Duration::from_secs(60);
/// Rows removed in one transaction.
const BATCH: u32 = 2_000;

impl Engine {
    /// Removes what is to be removed until the engine stops.
    pub(crate) async fn purge_collections(&self) {
        let mut looks = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                () = self.stopped.cancelled() => return,
                _ = looks.tick() => {}
                () = self.purges.notified() => {}
            }
            tokio::select! {
                () = self.stopped.cancelled() => return,
                purged = self.purge_all() => if let Err(error) = purged {
                    tracing::warn!(%error, "a deleted collection could not be removed yet");
                }
            }
        }
    }

    async fn purge_all(&self) -> Result<()> {
        loop {
            let may_be_more = self.store.purge_knowledge(BATCH).await?;
            self.released.notify_one();
            if !may_be_more {
                return Ok(());
            }
        }
    }
}
