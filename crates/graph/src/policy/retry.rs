//! When and how often a node is tried again.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::{Class, NodeError};

/// When and how often a node is tried again: after `initial`, then each time `factor` longer, at
/// most `cap`, plus a random time up to `jitter`.
#[derive(Clone)]
pub struct Retry {
    attempts: u32,
    initial: Duration,
    factor: f64,
    cap: Duration,
    jitter: Duration,
    when: When,
}

#[derive(Clone)]
enum When {
    Transient,
    Any,
    Custom(Arc<dyn Fn(&NodeError) -> bool + Send + Sync>),
}

impl Retry {
    fn new(attempts: u32, when: When) -> Self {
        Self {
            attempts: attempts.max(1),
            initial: Duration::from_millis(500),
            factor: 2.0,
            cap: Duration::from_secs(128),
            jitter: Duration::from_secs(1),
            when,
        }
    }

    /// At most `attempts` in all, for errors that are known to pass: see
    /// [`NodeError::class`](crate::NodeError::class).
    pub fn transient(attempts: u32) -> Self {
        Self::new(attempts, When::Transient)
    }

    /// At most `attempts` in all, for every error that is not known to be permanent.
    pub fn any(attempts: u32) -> Self {
        Self::new(attempts, When::Any)
    }

    /// Decides by the error itself.
    #[must_use]
    pub fn when(mut self, retry: impl Fn(&NodeError) -> bool + Send + Sync + 'static) -> Self {
        self.when = When::Custom(Arc::new(retry));
        self
    }

    /// The wait before the second attempt.
    #[must_use]
    pub const fn initial(mut self, wait: Duration) -> Self {
        self.initial = wait;
        self
    }

    /// How much longer each further wait is; below 1 counts as 1.
    #[must_use]
    pub const fn factor(mut self, factor: f64) -> Self {
        self.factor = if factor >= 1.0 { factor } else { 1.0 };
        self
    }

    /// The longest wait, without jitter.
    #[must_use]
    pub const fn cap(mut self, cap: Duration) -> Self {
        self.cap = cap;
        self
    }

    /// The longest random time added to a wait; zero for none.
    #[must_use]
    pub const fn jitter(mut self, jitter: Duration) -> Self {
        self.jitter = jitter;
        self
    }

    /// How long to wait after `attempt` failed with `error`; `None` if it was the last.
    /// `random` is in 0..1.
    pub(crate) fn wait(&self, attempt: u32, error: &NodeError, random: f64) -> Option<Duration> {
        let again = match &self.when {
            When::Transient => error.class() == Some(Class::Transient),
            When::Any => error.class() != Some(Class::Permanent),
            When::Custom(decide) => decide(error),
        };
        if !again || attempt >= self.attempts {
            return None;
        }
        let grown = self.initial.as_secs_f64() * self.factor.powf(f64::from(attempt - 1));
        let wait = Duration::try_from_secs_f64(grown).map_or(self.cap, |wait| wait.min(self.cap));
        Some(wait.saturating_add(self.jitter.mul_f64(random)))
    }
}

impl fmt::Debug for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry").field("attempts", &self.attempts).finish_non_exhaustive()
    }
}
