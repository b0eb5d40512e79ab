//! Whether and when to try again.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::Jitter;
use crate::{LlmError, RetrySettings};

/// How long to wait before the next attempt, or `None` when there should be none. `attempts` is
/// how many have been made, `left` the time until the deadline.
///
/// Full jitter: any part of the doubled base. A Retry-After is waited out in full, with the
/// jitter on top, or not at all.
pub(crate) fn wait_before_retry(
    settings: &RetrySettings,
    attempts: u32,
    error: &LlmError,
    left: Duration,
    jitter: &Jitter,
) -> Option<Duration> {
    if !error.retryable() || attempts >= settings.attempts {
        return None;
    }
    let doubled = settings.base.saturating_mul(1 << (attempts - 1).min(16)).min(settings.cap);
    let asked = error.retry_after().unwrap_or_default();
    if asked > settings.max_retry_after {
        return None;
    }
    let wait = asked + doubled.mul_f64(jitter.next());
    (wait < left).then_some(wait)
}

/// Keeps retries at a tenth of all requests, so that a provider in trouble is not buried by us.
/// A reserve of ten lets a quiet server retry freely.
#[derive(Debug)]
pub(crate) struct RetryBudget {
    /// In tenths of a retry.
    tenths: AtomicU32,
}

const FULL: u32 = 100;
const RETRY: u32 = 10;

impl Default for RetryBudget {
    fn default() -> Self {
        Self { tenths: AtomicU32::new(FULL) }
    }
}

impl RetryBudget {
    /// A request earns a tenth of a retry.
    pub(crate) fn deposit(&self) {
        self.change(|tenths| Some((tenths + 1).min(FULL)));
    }

    /// Takes one retry, if there is one.
    pub(crate) fn withdraw(&self) -> bool {
        self.change(|tenths| tenths.checked_sub(RETRY))
    }

    fn change(&self, to: impl FnMut(u32) -> Option<u32>) -> bool {
        self.tenths.fetch_update(Ordering::Relaxed, Ordering::Relaxed, to).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const LEFT: Duration = Duration::from_secs(60);

    fn limited(seconds: u64) -> LlmError {
        LlmError::RateLimited {
            detail: String::new(),
            retry_after: Some(Duration::from_secs(seconds)),
        }
    }

    fn wait(attempts: u32, error: &LlmError, left: Duration, share: f64) -> Option<u128> {
        let settings = RetrySettings::default();
        wait_before_retry(&settings, attempts, error, left, &Jitter::fixed(share))
            .map(|wait| wait.as_millis())
    }

    #[test]
    fn waits_double_up_to_the_cap_and_are_a_random_part() {
        let settings = RetrySettings { attempts: 100, ..RetrySettings::default() };
        let error = LlmError::unavailable("x");
        let wait = |attempts, share| {
            wait_before_retry(&settings, attempts, &error, LEFT, &Jitter::fixed(share))
                .map(|wait| wait.as_millis())
        };
        assert_eq!(
            [wait(1, 1.0), wait(2, 1.0), wait(4, 1.0)],
            [Some(500), Some(1_000), Some(4_000)]
        );
        assert_eq!([wait(5, 1.0), wait(6, 1.0), wait(99, 1.0)], [Some(8_000); 3]);
        assert_eq!([wait(1, 0.0), wait(1, 0.5)], [Some(0), Some(250)]);
    }

    #[rstest]
    #[case(0, Some(250))]
    #[case(2, Some(2_250))]
    #[case(20, Some(20_250))]
    #[case(21, None)]
    #[case(1_000_000_000, None)]
    fn a_retry_after_is_waited_out_or_not_at_all(#[case] asked: u64, #[case] waits: Option<u128>) {
        assert_eq!(wait(1, &limited(asked), LEFT, 0.5), waits);
    }

    #[test]
    fn no_wait_goes_past_the_deadline() {
        assert_eq!(wait(1, &limited(5), Duration::from_secs(5), 0.5), None);
        assert_eq!(wait(1, &limited(5), Duration::from_secs(6), 0.5), Some(5_250));
    }

    #[test]
    fn attempts_end_and_lasting_errors_are_not_retried() {
        let error = LlmError::unavailable("x");
        assert!(wait(2, &error, LEFT, 0.0).is_some());
        assert_eq!(wait(3, &error, LEFT, 0.0), None);
        assert_eq!(wait(1, &LlmError::Auth { detail: String::new() }, LEFT, 0.0), None);
    }

    #[test]
    fn retries_are_a_tenth_of_requests_beyond_the_reserve() {
        let budget = RetryBudget::default();
        assert_eq!((0..100).filter(|_| budget.withdraw()).count(), 10);
        let allowed = (0..1_000).filter(|_| {
            budget.deposit();
            budget.withdraw()
        });
        assert_eq!(allowed.count(), 100);
    }
}
