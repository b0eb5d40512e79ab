//! Reads the documents that wait, and makes them searchable: fetched, extracted, cut into chunks,
//! embedded, indexed, and committed whole. A server claims documents for a while and says now and
//! then that it is still at them; what a killed server had claimed is read by another. One document
//! that cannot be read fails alone.

mod asker;
mod batches;
mod commit;
mod embed;
mod fetch;
mod prepare;
mod segment;
mod trouble;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use tokio::time::{MissedTickBehavior, interval};

use crate::{Engine, Result};

pub(crate) use embed::{Unembedded, embed};
pub(crate) use segment::{IndexedText, build_segment, new_segment};

/// How often documents that wait are looked for; those that are added here are seen at once.
const LOOK: Duration = Duration::from_secs(5);
/// Documents claimed at a time.
const CLAIMS: u32 = 64;
/// Batches that are committed at a time, by one reader.
const COMMITS: usize = 2;
/// Who reads and who commits do not wait for each other.
const READERS: usize = 2;

/// How many documents this server has claimed.
#[derive(Debug, Default)]
pub(crate) struct Claims(AtomicUsize);

/// Some of them, until they are dropped.
struct Held<'a>(&'a Claims, usize);

impl Claims {
    fn hold(&self, count: usize) -> Held<'_> {
        self.0.fetch_add(count, Ordering::Relaxed);
        Held(self, count)
    }

    fn are_none(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(self.1, Ordering::Relaxed);
    }
}

impl Engine {
    /// Reads documents until the engine is asked to stop. What is under way then is given back:
    /// its reading begins anew, here or elsewhere.
    pub(crate) async fn ingest(&self) {
        let readers = (0..READERS).map(|_| self.read_documents());
        tokio::select! {
            () = self.stopping.cancelled() => {}
            _ = join_all(readers) => {}
            () = self.keep_claims() => {}
        }
        if let Err(error) = self.store.release_documents(self.instance).await {
            tracing::warn!(%error, "documents are given back when their claims run out");
        }
    }

    async fn read_documents(&self) {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = looks.tick() => {}
                () = self.ingestions.notified() => {}
            }
            loop {
                match self.read_some().await {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!(%error, "documents that wait could not be claimed");
                        break;
                    }
                }
            }
        }
    }

    /// Claims documents and reads them; how many they were.
    async fn read_some(&self) -> Result<usize> {
        let lease = self.settings.runs.lease;
        let claimed = self.store.claim_documents(self.instance, CLAIMS, lease).await?;
        let count = claimed.len();
        if count as u64 == u64::from(CLAIMS) {
            // There may be more: for another reader.
            self.ingestions.notify_one();
        }
        let _held = self.claims.hold(count);
        // The many slow documents of one collection do not keep those of another waiting.
        let claimed = batches::in_turns(claimed, |document| document.claim.collection_id);
        let prepared = stream::iter(claimed)
            .map(|document| self.prepare_document(document))
            .buffer_unordered(self.settings.ingestion_workers.div_ceil(READERS))
            .filter_map(std::future::ready);
        batches::in_batches(prepared)
            .map(|batch| self.commit(batch))
            .buffer_unordered(COMMITS)
            .for_each(std::future::ready)
            .await;
        Ok(count)
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
