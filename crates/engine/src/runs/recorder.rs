//! The one writer of a run's log: numbers events, shows them to live readers at once, and hands
//! them to the store in batches a little later.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use vpaura_domain::{Clock, RunEvent, RunEventKind, RunId, WorkspaceId};
use vpaura_store::{Store, StoreError};

use super::log::{RunLog, UNSTORED_WINDOW};

/// How long a failing store is waited for before a batch is given up; the run ends then.
const STORE_OUTAGE: Duration = Duration::from_secs(60);

/// A write in flight: resolves to the number of the last event stored.
pub(crate) type Flush = Pin<Box<dyn Future<Output = Result<u64, StoreError>> + Send>>;

/// Numbers and publishes the events of one take of a run.
pub(crate) struct Recorder {
    run_id: RunId,
    workspace_id: WorkspaceId,
    epoch: u32,
    last_seq: u64,
    /// The last event that the store has.
    stored: u64,
    log: Arc<RunLog>,
    clock: Arc<dyn Clock>,
    store: Store,
}

impl Recorder {
    /// A recorder whose first event has the number after `last_seq`.
    pub(crate) fn new(
        (run_id, workspace_id, epoch): (RunId, WorkspaceId, u32),
        last_seq: u64,
        log: Arc<RunLog>,
        clock: Arc<dyn Clock>,
        store: Store,
    ) -> Self {
        Self { run_id, workspace_id, epoch, last_seq, stored: last_seq, log, clock, store }
    }

    /// Numbers the event and shows it to the readers.
    pub(crate) fn record(&mut self, kind: RunEventKind) {
        let event = self.number(kind);
        self.log.push(event);
    }

    /// Numbers the event without showing it: for what must be stored first.
    pub(crate) fn number(&mut self, kind: RunEventKind) -> RunEvent {
        self.last_seq += 1;
        RunEvent {
            run_id: self.run_id,
            seq: self.last_seq,
            epoch: self.epoch,
            at: self.clock.now(),
            kind,
        }
    }

    /// Shows a numbered event that has been stored.
    pub(crate) fn publish_stored(&self, event: RunEvent) {
        self.log.mark_stored(event.seq.saturating_sub(1));
        self.log.push(event);
    }

    /// The events the store lacks.
    pub(crate) fn unstored(&self) -> Vec<RunEvent> {
        self.log.unstored()
    }

    /// Whether the store is so far behind that nothing more may be shown.
    pub(crate) const fn must_wait(&self) -> bool {
        self.last_seq - self.stored >= UNSTORED_WINDOW
    }

    /// Whether there is anything to store.
    pub(crate) const fn has_unstored(&self) -> bool {
        self.last_seq > self.stored
    }

    /// Begins to store what is not stored yet; `None` when everything is.
    pub(crate) fn flush(&self) -> Option<Flush> {
        let batch = self.log.unstored();
        let last = batch.last()?.seq;
        let (store, workspace_id) = (self.store.clone(), self.workspace_id);
        let (run_id, epoch) = (self.run_id, self.epoch);
        Some(Box::pin(async move {
            retry(|| store.append_events(workspace_id, run_id, epoch, &batch)).await.map(|()| last)
        }))
    }

    /// Notes that a flush ended well.
    pub(crate) fn flushed(&mut self, last: u64) {
        self.stored = self.stored.max(last);
        self.log.mark_stored(last);
    }
}

/// What may be wrong when the store is asked.
pub(crate) trait Trouble: std::fmt::Display {
    /// Whether the store is out, and may be back.
    fn is_outage(&self) -> bool;
}

impl Trouble for StoreError {
    fn is_outage(&self) -> bool {
        self.retry_after().is_some()
    }
}

impl Trouble for crate::Error {
    fn is_outage(&self) -> bool {
        matches!(self, Self::StoreUnavailable { .. } | Self::StorageFull)
    }
}

/// Repeats what is safe to repeat while the store is out, with growing pauses.
pub(crate) async fn retry<T, E, F, Fut>(mut ask: F) -> Result<T, E>
where
    E: Trouble,
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    let began = tokio::time::Instant::now();
    let mut pause = Duration::from_millis(50);
    loop {
        match ask().await {
            Err(error) if error.is_outage() && began.elapsed() < STORE_OUTAGE => {
                tracing::warn!(%error, "store is out, will try again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(2));
            }
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    /// How often something is asked that fails so often in this way, and how it ends.
    async fn asked(fails: u32, error: impl Fn() -> Error) -> (u32, Result<(), Error>) {
        let mut times = 0;
        let ended = retry(|| {
            times += 1;
            let result = if times > fails { Ok(()) } else { Err(error()) };
            async { result }
        })
        .await;
        (times, ended)
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_is_ridden_out_and_a_defect_is_told_at_once() {
        let out = || Error::from(StoreError::Busy);
        assert!(matches!(asked(20, out).await, (21, Ok(()))));
        assert!(matches!(asked(u32::MAX, out).await, (_, Err(Error::StoreUnavailable { .. }))));
        assert!(matches!(asked(1, || Error::Unauthorized).await, (1, Err(Error::Unauthorized))));
    }
}
