//! Guards calls whose answer comes at once and whole (vectors, judgements), as the router guards
//! answers that stream: timers, retries within a budget, a circuit breaker, metrics.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use crate::router::breaker::{Breaker, Outcome, Permit};
use crate::router::retry::{RetryBudget, wait_before_retry};
use crate::{Jitter, LlmError, ModelRef, RetrySettings, RouterSettings, Timer, TimerSettings};

/// What guards one model.
pub(crate) struct Guard {
    model: ModelRef,
    label: Arc<str>,
    breaker: Breaker,
    retry: RetrySettings,
    budget: RetryBudget,
    timers: TimerSettings,
    jitter: Jitter,
}

impl Guard {
    pub(crate) fn new(model: ModelRef, settings: &RouterSettings, jitter: Jitter) -> Self {
        let label: Arc<str> = model.to_string().into();
        Self {
            model,
            breaker: Breaker::new(settings.breaker, Arc::clone(&label)),
            label,
            retry: settings.retry,
            budget: RetryBudget::default(),
            timers: settings.timers,
            jitter,
        }
    }

    /// The model's full name.
    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    /// Asks, again where that may help. One attempt may take as long as a first token may, all of
    /// them as long as a whole answer.
    pub(crate) async fn call<T, F>(&self, ask: impl Fn() -> F) -> Result<T, LlmError>
    where
        F: Future<Output = Result<T, LlmError>>,
    {
        let deadline = Instant::now() + self.timers.total;
        self.budget.deposit();
        let mut attempts = 1;
        let mut attempt =
            self.attempt().ok_or_else(|| LlmError::CircuitOpen(self.model.clone()))?;
        loop {
            let until = (Instant::now() + self.timers.first_token).min(deadline);
            let which = if until == deadline { Timer::Total } else { Timer::FirstToken };
            let answer = timeout_at(until, ask()).await.unwrap_or(Err(LlmError::Timeout { which }));
            let error = match answer {
                Ok(answer) => {
                    attempt.end("success", Outcome::Success);
                    return Ok(answer);
                }
                Err(error) => error,
            };
            attempt.fail(&error);
            let wait =
                self.wait(attempts, &error, deadline.saturating_duration_since(Instant::now()));
            let Some(wait) = wait else { return Err(error) };
            tracing::info!(model = %self.label, %error, ?wait, attempts, "retrying");
            sleep(wait).await;
            attempts += 1;
            // When this failure has opened the circuit, it is the news.
            let Some(next) = self.attempt() else { return Err(error) };
            attempt = next;
        }
    }

    fn wait(&self, attempts: u32, error: &LlmError, left: Duration) -> Option<Duration> {
        let wait = wait_before_retry(&self.retry, attempts, error, left, &self.jitter)?;
        let allowed = self.budget.withdraw();
        if !allowed {
            tracing::warn!(model = %self.label, "too many retries lately, not retrying");
        }
        allowed.then_some(wait)
    }

    fn attempt(&self) -> Option<Attempt<'_>> {
        Some(Attempt { guard: self, permit: Some(self.breaker.admit()?) })
    }
}

/// One call under way. Dropped before its end, it counts as cancelled.
struct Attempt<'a> {
    guard: &'a Guard,
    permit: Option<Permit>,
}

impl Attempt<'_> {
    fn fail(&mut self, error: &LlmError) {
        let outcome =
            if error.counts_against_provider() { Outcome::Failure } else { Outcome::Neutral };
        self.end(error.kind().as_str(), outcome);
    }

    fn end(&mut self, status: &'static str, outcome: Outcome) {
        let Some(permit) = self.permit.take() else { return };
        self.guard.breaker.record(permit, outcome);
        let label = Arc::clone(&self.guard.label);
        metrics::counter!("llm_requests_total", "model" => label, "status" => status).increment(1);
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.end("cancelled", Outcome::Neutral);
    }
}
