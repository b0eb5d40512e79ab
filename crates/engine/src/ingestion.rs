//! Reads the documents that wait, and makes them searchable: fetched, extracted, cut into chunks,
//! embedded, indexed, and committed whole. A server claims documents for a while and says now and
//! then that it is still at them; what a killed server had claimed is read by another. One document
//! that cannot be read fails alone.

mod ahead;
mod asker;
mod batches;
mod commit;
mod embed;
mod fetch;
mod prepare;
mod reader;
mod segment;
mod trouble;

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::{MissedTickBehavior, interval};
use vpaura_store::ClaimTurns;

use self::reader::Reader;
use crate::Engine;

pub(crate) use embed::{Unembedded, embed};
pub(crate) use segment::{IndexedText, build_segment, new_segment};

/// How many documents this server has claimed.
#[derive(Debug, Default)]
pub(crate) struct Claims(AtomicUsize);

impl Claims {
    fn set(&self, count: usize) {
        self.0.store(count, Ordering::Relaxed);
    }

    fn are_none(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}

impl Engine {
    /// Reads documents until the engine is asked to stop. What is under way then is given back:
    /// its reading begins anew, here or elsewhere.
    pub(crate) async fn ingest(&self) {
        let turns = ClaimTurns::default();
        tokio::select! {
            () = self.stopping.cancelled() => {}
            () = Reader::new(self, &turns).run() => {}
            () = self.keep_claims() => {}
        }
        if let Err(error) = self.store.release_documents(self.instance).await {
            tracing::warn!(%error, "documents are given back when their claims run out");
        }
    }

    /// Says now and then that this server is still at its documents.
    async fn keep_claims(&self) {
        let mut renewals = interval(self.settings.runs.renew);
        renewals.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            renewals.tick().await;
            if self.claims.are_none() {
                continue;
            }
            let lease = self.settings.runs.lease;
            if let Err(error) = self.store.renew_document_leases(self.instance, lease).await {
                tracing::warn!(%error, "claims of documents could not be kept");
            }
        }
    }
}
