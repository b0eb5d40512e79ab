//! Keeps the index in order, in the background: merges segments (`merge`), and makes vectors where
//! they are missing or another embedder is configured (`embed`). What a killed server leaves half
//! done is begun anew, or gone on with, by the next.

mod embed;
mod merge;

use std::future::Future;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval};

use crate::{Engine, Result};

/// How often it is looked whether there is something to do.
const LOOK: Duration = Duration::from_secs(10);

/// Wakes who looks after the index.
#[derive(Debug, Default)]
pub(crate) struct Upkeep {
    collections: Notify,
}

impl Upkeep {
    /// There is a new collection, whose vectors are to be made.
    pub(crate) fn collection_is_new(&self) {
        self.collections.notify_one();
    }
}

/// What is looked after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Embeddings,
    Segments,
}

impl Engine {
    /// Sees to the vectors until the engine stops.
    pub(crate) async fn keep_embeddings(&self) {
        self.keep_up(Work::Embeddings).await;
    }

    /// Sees to the segments until the engine stops.
    pub(crate) async fn keep_segments(&self) {
        self.keep_up(Work::Segments).await;
    }

    async fn keep_up(&self, work: Work) {
        let mut ticks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let next = async {
                tokio::select! {
                    _ = ticks.tick() => {}
                    () = self.upkeep.collections.notified(), if work == Work::Embeddings => {}
                }
            };
            if self.until_stopped(next).await.is_none() {
                return;
            }
            match self.until_stopped(self.do_due(work)).await {
                None => return,
                Some(Ok(())) => {}
                Some(Err(error)) => {
                    tracing::warn!(%error, ?work, "the index is put in order later");
                }
            }
        }
    }

    async fn do_due(&self, work: Work) -> Result<()> {
        match work {
            Work::Embeddings => self.embed_due().await,
            Work::Segments => self.merge_due().await,
        }
    }

    /// What the future gives; none when the engine stops before.
    async fn until_stopped<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.stopped.cancelled() => None,
            done = work => Some(done),
        }
    }
}
