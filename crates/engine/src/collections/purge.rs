//! Removes what deleted collections left: now, and after a restart what a killed server left.

use crate::{Engine, Result};

/// Rows removed in one transaction.
const BATCH: u32 = 2_000;

impl Engine {
    /// Removes what is to be removed until the engine stops.
    pub(crate) async fn purge_collections(&self) {
        let failing = "a deleted collection could not be removed yet";
        self.keep_clean(&self.purges, failing, || self.purge_all()).await;
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
