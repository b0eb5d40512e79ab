//! One attempt of a node: its panics caught, its limits kept, its cancellation heard.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::FutureExt;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tracing::Instrument;

use super::{Job, Task};
use crate::ctx::{Attempt, Ctx};
use crate::error::Failing;
use crate::{GraphError, NodeError, State, Step, TimedOut};

/// How an attempt went wrong.
pub(super) enum Fault {
    Error(NodeError),
    Panicked(String),
}

type Tried<S> = Result<Step<S>, Fault>;

/// Whether the attempt runs on a task of its own.
pub(super) fn is_limited<S: State>(job: &Job<'_, S>) -> bool {
    let tune = &job.spec.tune;
    tune.isolated || tune.timeout.or(job.timeout).or(tune.idle_timeout).is_some()
}

impl<S: State> Task<S> {
    /// Runs an attempt to its end; `None` if it was cancelled and did not return in time.
    pub(super) async fn attempted(
        &self,
        job: &Job<'_, S>,
        attempt: &Arc<Attempt<S>>,
    ) -> Option<Tried<S>> {
        let work = self.work(job)?;
        let ctx = Ctx {
            state: Arc::clone(&job.state),
            run: Arc::clone(&self.run),
            task: Arc::clone(attempt),
        };
        let (work, parcel) = (Arc::clone(work), job.parcel.clone());
        let span = tracing::debug_span!(
            "graph.node",
            otel.name = %format_args!("node {}", job.spec.name),
            otel.status_code = tracing::field::Empty,
            graph.node = job.spec.name,
            graph.path = &*job.path,
            graph.step = self.step,
            graph.attempt = attempt.attempt,
        );
        let ended = span.clone();
        let call = async move {
            // Panics when called and when polled are the same to the run.
            let call = AssertUnwindSafe(async { work(ctx, parcel).await });
            let tried = match call.catch_unwind().await {
                Ok(returned) => returned.map_err(Fault::Error),
                Err(payload) => Err(Fault::Panicked(message(payload.as_ref()))),
            };
            ended.record("otel.status_code", status(&tried));
            tried
        }
        .instrument(span);
        if is_limited(job) {
            let limit = job.timeout.or(job.spec.tune.timeout);
            let limited = limited(call, attempt, limit, job.spec.tune.idle_timeout);
            self.unless_cancelled(attempt, limited).await
        } else {
            self.unless_cancelled(attempt, call).await
        }
    }

    /// Runs `call` until it returns or is cancelled; then a node that watches for its cancellation
    /// has the grace period to return, and another none.
    async fn unless_cancelled(
        &self,
        attempt: &Attempt<S>,
        call: impl Future<Output = Tried<S>>,
    ) -> Option<Tried<S>> {
        let mut call = std::pin::pin!(call);
        tokio::select! {
            biased;
            tried = &mut call => return Some(tried),
            () = self.cancel.cancelled() => {}
        }
        if !attempt.listens.load(Ordering::Relaxed) {
            return None;
        }
        timeout(self.run.grace, call).await.ok()
    }
}

/// How an attempt ended, as OpenTelemetry names it. A question or a stop is neither.
fn status<S: State>(tried: &Tried<S>) -> Option<&'static str> {
    match tried {
        Ok(_) => Some("OK"),
        Err(Fault::Panicked(_)) => Some("ERROR"),
        Err(Fault::Error(error)) => match &*error.0 {
            Failing::Failed { .. } | Failing::Engine(_) => Some("ERROR"),
            _ => None,
        },
    }
}

/// A spawned attempt that does not outlive its handle.
struct Guarded<'a, S: State>(JoinHandle<Tried<S>>, &'a Attempt<S>);

impl<S: State> Drop for Guarded<'_, S> {
    fn drop(&mut self) {
        // It runs on until it yields, beside the attempt that comes next.
        self.1.over.store(true, Ordering::Release);
        self.0.abort();
    }
}

/// Runs an attempt on a task of its own, within its limits.
async fn limited<S: State>(
    call: impl Future<Output = Tried<S>> + Send + 'static,
    attempt: &Attempt<S>,
    limit: Option<Duration>,
    idle: Option<Duration>,
) -> Tried<S> {
    let mut task = Guarded(tokio::spawn(call), attempt);
    let late = async {
        match limit.and_then(|limit| attempt.begun.checked_add(limit)) {
            Some(end) => sleep_until(end).await,
            None => std::future::pending().await,
        }
    };
    let timed_out = tokio::select! {
        biased;
        ended = &mut task.0 => {
            return ended.unwrap_or_else(|error| Err(Fault::Panicked(error.to_string())));
        }
        () = late => TimedOut { limit: limit.unwrap_or_default(), idle: false },
        limit = silent(attempt, idle) => TimedOut { limit, idle: true },
    };
    attempt.cancel.cancel();
    Err(Fault::Error(NodeError::transient(timed_out)))
}

/// Resolves when the attempt has given no sign of life for as long as it may.
async fn silent<S: State>(attempt: &Attempt<S>, idle: Option<Duration>) -> Duration {
    let Some(idle) = idle else { return std::future::pending().await };
    loop {
        // Looked at before the pulse: what ends saying something gives a sign of life first.
        let is_saying = attempt.saying.load(Ordering::Acquire) > 0;
        let alive = Duration::from_millis(attempt.pulse.load(Ordering::Relaxed));
        let Some(due) = attempt.begun.checked_add(alive.saturating_add(idle)) else {
            return std::future::pending().await;
        };
        let now = Instant::now();
        if is_saying {
            sleep(idle).await;
        } else if now >= due {
            return idle;
        } else {
            sleep_until(due).await;
        }
    }
}

/// Calls foreign code; a panic in it becomes an error that names the node.
pub(crate) fn guarded<T>(path: &Arc<str>, call: impl FnOnce() -> T) -> Result<T, GraphError> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| GraphError::Panicked {
        path: Arc::clone(path),
        message: message(payload.as_ref()),
    })
}

/// A panic's message.
pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".into())
}
