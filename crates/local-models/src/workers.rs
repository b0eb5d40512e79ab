//! The threads that run models: beside the runtime's own, and never more than so many at once.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::ModelError;

/// Leave to run so many pieces of work at once. Clones share it.
#[derive(Clone)]
pub struct Workers {
    /// For what somebody waits for.
    urgent: Arc<Semaphore>,
    /// For everything else.
    patient: Arc<Semaphore>,
    count: usize,
}

/// Who goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// A person waits: it need not wait behind the work of an import.
    Urgent,
    /// It is done in the background.
    Patient,
}

impl Workers {
    /// Workers on `threads` threads, or on as many as the machine has.
    pub fn new(threads: Option<NonZeroUsize>) -> Self {
        let found = || thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let count = threads.unwrap_or_else(found).get().min(Semaphore::MAX_PERMITS);
        let semaphore = || Arc::new(Semaphore::new(count));
        Self { urgent: semaphore(), patient: semaphore(), count }
    }

    /// Runs all pieces and gives their outcomes in order. Stops at the first that fails. A piece
    /// under way ends even when nobody waits any more; it keeps its thread until then.
    pub(crate) async fn run<T, W>(
        &self,
        urgency: Urgency,
        pieces: Vec<W>,
    ) -> Result<Vec<T>, ModelError>
    where
        T: Send + 'static,
        W: FnOnce() -> Result<T, ModelError> + Send + 'static,
    {
        let semaphore = match urgency {
            Urgency::Urgent => &self.urgent,
            Urgency::Patient => &self.patient,
        };
        let run = |piece: W| async {
            let permit = Arc::clone(semaphore).acquire_owned().await;
            let permit = permit.map_err(|_| ModelError::Stopped)?;
            let work = move || {
                let outcome = piece();
                drop(permit);
                outcome
            };
            spawn_blocking(work).await.map_err(|_| ModelError::Stopped)?
        };
        stream::iter(pieces).map(run).buffered(self.count).try_collect().await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn no_more_pieces_run_at_once_than_allowed_and_order_is_kept() {
        let workers = Workers::new(NonZeroUsize::new(3));
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let piece = |number: usize| {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            move || {
                let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                thread::yield_now();
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(number)
            }
        };
        let calls = (0..4).map(|_| workers.run(Urgency::Patient, (0..50).map(piece).collect()));
        for numbers in futures_util::future::join_all(calls).await {
            assert_eq!(numbers.expect("no failure"), (0..50).collect::<Vec<_>>());
        }
        assert!((1..=3).contains(&most.load(Ordering::SeqCst)));
    }

    #[tokio::test]
    async fn urgent_work_does_not_wait_behind_patient_work() {
        let workers = Workers::new(NonZeroUsize::new(1));
        let (tell, told) = std::sync::mpsc::channel::<()>();
        let waiting = move || told.recv().map_err(|_| ModelError::Stopped);
        let patient = workers.run(Urgency::Patient, vec![waiting]);
        let urgent = async {
            let done = workers.run(Urgency::Urgent, vec![|| Ok(7)]).await;
            tell.send(()).expect("still waited for");
            done
        };
        let (patient, urgent) = tokio::join!(patient, urgent);
        assert_eq!(urgent.expect("no failure"), [7]);
        patient.expect("no failure");
    }

    #[tokio::test]
    async fn a_failure_ends_the_rest() {
        let workers = Workers::new(NonZeroUsize::new(1));
        let piece = |number| move || if number == 1 { Err(ModelError::Stopped) } else { Ok(()) };
        assert!(workers.run(Urgency::Patient, (0..3).map(piece).collect()).await.is_err());
    }
}
