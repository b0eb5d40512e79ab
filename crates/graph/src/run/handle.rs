//! A started run: read, stopped, awaited.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::task::{JoinError, JoinHandle};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{Outcome, RunBuilder, open};
use crate::driver::Signs;
use crate::event::{Queue, queue};
use crate::{Event, GraphError, State};

/// How much longer than its grace a cancelled run is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

type Ended<S> = Result<Result<Outcome<S>, GraphError>, JoinError>;

/// A run that was started. Dropping it cancels the run, unless it is
/// [`detached`](RunBuilder::detached).
#[must_use = "dropping a run cancels it"]
pub struct Run<S: State> {
    events: Queue<S::Event>,
    driver: JoinHandle<Result<Outcome<S>, GraphError>>,
    ended: Option<Ended<S>>,
    cancel: CancellationToken,
    signs: Arc<Signs>,
    grace: Duration,
    detached: bool,
    /// Until when one that was told to stop is waited for.
    patience: Option<Instant>,
    /// It was told to stop and did not: nobody waits for it any more.
    stuck: bool,
}

impl<S: State, C> RunBuilder<S, C> {
    /// Starts the run on a task of its own, in the current tracing span.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub fn start(self) -> Run<S>
    where
        C: Into<Arc<S::Context>>,
    {
        let Self { graph, set, context } = self;
        let (grace, detached) = (set.grace, set.detached);
        let cancel = set.cancel.child_token();
        let signs = Arc::clone(&set.control.signs);
        let (sink, events) = queue(set.buffer, set.events, set.slow, cancel.clone(), grace / 4);
        let span = tracing::info_span!(
            "graph.run",
            otel.name = %format_args!("graph {}", graph.name()),
            otel.status_code = tracing::field::Empty,
            graph.name = graph.name(),
            graph.thread = set.thread.as_ref().map(|on| on.thread.as_str()),
        );
        let drive = open::drive(graph, set, context.into(), cancel.clone(), sink, span.clone());
        let polled = Arc::clone(&signs);
        let driver = tokio::spawn(async move {
            let mut drive = std::pin::pin!(drive.instrument(span));
            std::future::poll_fn(move |context| {
                polled.polls.fetch_add(1, Ordering::Relaxed);
                let ended = drive.as_mut().poll(context);
                polled.polls.fetch_add(1, Ordering::Relaxed);
                ended
            })
            .await
        });
        let (stuck, patience) = (false, None);
        Run { events, driver, ended: None, cancel, signs, grace, detached, patience, stuck }
    }

    /// Runs to the end, without events.
    ///
    /// # Errors
    /// [`GraphError`] when the run failed.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub async fn outcome(self) -> Result<Outcome<S>, GraphError>
    where
        C: Into<Arc<S::Context>>,
    {
        self.events(crate::Events::NONE).start().outcome().await
    }
}

impl<S: State> Run<S> {
    /// The next event; `None` once the run has ended and all its events were read, or once the
    /// reader was left behind, or when the run was told to stop and a node that does not yield
    /// keeps it from ending. Loses nothing when its future is dropped.
    pub async fn next(&mut self) -> Option<Event<S::Event>> {
        if self.ended.is_some() || self.stuck {
            return self.events.next().await;
        }
        let stuck = stuck(&self.cancel, &self.signs, self.grace, &mut self.patience);
        tokio::select! {
            biased;
            event = self.events.next() => event,
            ended = &mut self.driver => {
                self.ended = Some(ended);
                // A node may have given its context away: do not wait for that.
                self.events.close();
                self.events.next().await
            }
            () = stuck => {
                self.stuck = true;
                self.events.close();
                self.events.next().await
            }
        }
    }

    /// Asks the run to stop. It ends as [`Outcome::Cancelled`] once its nodes have returned or the
    /// grace period is over.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Asks the run to stop at the next barrier, where nothing is under way. It ends as
    /// [`Outcome::Drained`], to be resumed, or as [`Outcome::Done`] if there was nothing left.
    pub fn drain(&self) {
        self.signs.drain.store(true, Ordering::Relaxed);
    }

    /// Ends the run where it is, at once: its thread stays as it was last stored, for whoever goes
    /// on with it. Its lease ends by itself.
    pub fn abandon(self) {
        self.driver.abort();
    }

    /// Whether the run goes on without this reader, since it was too slow: see
    /// [`SlowReader::Detach`](crate::SlowReader).
    pub fn is_detached(&self) -> bool {
        self.events.is_detached()
    }

    /// Waits for the end. Events not read yet are discarded.
    ///
    /// # Errors
    /// [`GraphError`] when the run failed. [`GraphError::Stuck`] when it was cancelled and a node
    /// that does not yield keeps it from ending.
    pub async fn outcome(mut self) -> Result<Outcome<S>, GraphError> {
        while self.next().await.is_some() {}
        let stuck = stuck(&self.cancel, &self.signs, self.grace, &mut self.patience);
        let ended = match self.ended.take() {
            Some(ended) => ended,
            None if self.stuck && !self.driver.is_finished() => return Err(GraphError::Stuck),
            None => tokio::select! {
                biased;
                ended = &mut self.driver => ended,
                () = stuck => return Err(GraphError::Stuck),
            },
        };
        // The driver catches panics of foreign code, so it cannot end early by itself.
        ended.unwrap_or(Err(GraphError::Aborted))
    }
}

/// Resolves when a run has been told to stop for longer than its nodes have for that, and one of
/// them does not yield. A run that waits, for its store say, is waited for.
async fn stuck(
    cancel: &CancellationToken,
    signs: &Signs,
    grace: Duration,
    patience: &mut Option<Instant>,
) {
    cancel.cancelled().await;
    let patience = patience.get_or_insert_with(|| Instant::now() + grace.saturating_mul(2));
    sleep_until(*patience).await;
    loop {
        let before = signs.polls.load(Ordering::Relaxed);
        sleep(PATIENCE).await;
        if before % 2 == 1 && signs.polls.load(Ordering::Relaxed) == before {
            return;
        }
    }
}

impl<S: State> Drop for Run<S> {
    fn drop(&mut self) {
        if !self.detached {
            self.cancel.cancel();
        }
    }
}
