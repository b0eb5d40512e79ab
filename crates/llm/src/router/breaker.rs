//! The circuit breaker of one model: after many failures it is not asked for a while, then one
//! call at a time may probe.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::BreakerSettings;

/// The state of a model's circuit. The gauge `llm_circuit_state{model}` shows it as 0, 1, 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CircuitState {
    /// Calls pass.
    Closed,
    /// One call probes; others are refused.
    HalfOpen,
    /// Calls are refused.
    Open,
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The model answered.
    Success,
    /// The model or its provider failed.
    Failure,
    /// It says nothing about the model: cancelled, or the request was at fault.
    Neutral,
}

/// Leave to make a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Permit {
    probe: bool,
}

impl Permit {
    pub(crate) const fn is_probe(self) -> bool {
        self.probe
    }
}

pub(crate) struct Breaker {
    settings: BreakerSettings,
    label: Arc<str>,
    circuit: Mutex<Circuit>,
}

#[derive(Debug)]
enum Phase {
    Closed,
    /// Refuses calls until then.
    Open(Instant),
    /// Whether the one probe is under way.
    HalfOpen {
        probing: bool,
    },
}

struct Circuit {
    phase: Phase,
    failures_in_a_row: u32,
    /// The last calls, one bit each, the newest lowest: 1 is a failure.
    history: u64,
    /// How many calls the history holds.
    calls: u32,
}

impl Breaker {
    pub(crate) fn new(settings: BreakerSettings, label: Arc<str>) -> Self {
        let circuit = Circuit { phase: Phase::Closed, failures_in_a_row: 0, history: 0, calls: 0 };
        let breaker = Self { settings, label, circuit: Mutex::new(circuit) };
        breaker.show(CircuitState::Closed);
        breaker
    }

    /// The circuit's state now.
    pub(crate) fn state(&self) -> CircuitState {
        match self.circuit.lock().phase {
            Phase::Closed => CircuitState::Closed,
            Phase::Open(until) if Instant::now() < until => CircuitState::Open,
            Phase::Open(_) | Phase::HalfOpen { .. } => CircuitState::HalfOpen,
        }
    }

    /// Leave for one call, unless the circuit is open.
    pub(crate) fn admit(&self) -> Option<Permit> {
        let mut circuit = self.circuit.lock();
        match circuit.phase {
            Phase::Closed => Some(Permit { probe: false }),
            Phase::Open(until) if Instant::now() < until => None,
            Phase::Open(_) | Phase::HalfOpen { probing: false } => {
                circuit.phase = Phase::HalfOpen { probing: true };
                self.show(CircuitState::HalfOpen);
                Some(Permit { probe: true })
            }
            Phase::HalfOpen { probing: true } => None,
        }
    }

    /// Takes note of a call's outcome.
    pub(crate) fn record(&self, permit: Permit, outcome: Outcome) {
        let mut circuit = self.circuit.lock();
        match (&circuit.phase, outcome) {
            (Phase::HalfOpen { .. }, Outcome::Success) if permit.probe => {
                circuit.reset();
                self.show(CircuitState::Closed);
            }
            (Phase::HalfOpen { .. }, Outcome::Failure) if permit.probe => {
                self.open(&mut circuit);
            }
            (Phase::HalfOpen { .. }, Outcome::Neutral) if permit.probe => {
                circuit.phase = Phase::HalfOpen { probing: false };
            }
            (Phase::Closed, Outcome::Success | Outcome::Failure) => {
                circuit.note(outcome == Outcome::Failure, &self.settings);
                if circuit.is_too_bad(&self.settings) {
                    self.open(&mut circuit);
                }
            }
            // Calls made before the circuit opened tell nothing new.
            _ => {}
        }
    }

    fn open(&self, circuit: &mut Circuit) {
        circuit.reset();
        circuit.phase = Phase::Open(Instant::now() + self.settings.open_for);
        self.show(CircuitState::Open);
        tracing::warn!(model = %self.label, open_for = ?self.settings.open_for, "circuit opened");
    }

    fn show(&self, state: CircuitState) {
        let value = match state {
            CircuitState::Closed => 0.0,
            CircuitState::HalfOpen => 1.0,
            CircuitState::Open => 2.0,
        };
        metrics::gauge!("llm_circuit_state", "model" => Arc::clone(&self.label)).set(value);
    }
}

impl Circuit {
    const fn reset(&mut self) {
        *self = Self { phase: Phase::Closed, failures_in_a_row: 0, history: 0, calls: 0 };
    }

    fn note(&mut self, failed: bool, settings: &BreakerSettings) {
        self.failures_in_a_row = if failed { self.failures_in_a_row + 1 } else { 0 };
        self.history = self.history << 1 | u64::from(failed);
        self.calls = (self.calls + 1).min(window(settings));
    }

    fn is_too_bad(&self, settings: &BreakerSettings) -> bool {
        let window = window(settings);
        let failures = (self.history & (u64::MAX >> (64 - window))).count_ones();
        self.failures_in_a_row >= settings.consecutive_failures.max(1)
            || (self.calls >= window && failures * 100 >= settings.failure_percent.max(1) * window)
    }
}

/// The window as the history can hold it.
fn window(settings: &BreakerSettings) -> u32 {
    settings.window.clamp(1, 64)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const SETTINGS: BreakerSettings = BreakerSettings {
        consecutive_failures: 3,
        failure_percent: 50,
        window: 10,
        open_for: Duration::from_secs(15),
    };

    fn breaker() -> Breaker {
        Breaker::new(SETTINGS, "p/m".into())
    }

    fn call(breaker: &Breaker, outcome: Outcome) -> bool {
        breaker.admit().map(|permit| breaker.record(permit, outcome)).is_some()
    }

    async fn opened() -> Breaker {
        let breaker = breaker();
        for _ in 0..3 {
            assert!(call(&breaker, Outcome::Failure));
        }
        assert_eq!(breaker.state(), CircuitState::Open);
        breaker
    }

    #[tokio::test(start_paused = true)]
    async fn failures_in_a_row_open_it() {
        let breaker = breaker();
        for outcome in [Outcome::Failure, Outcome::Failure, Outcome::Success, Outcome::Failure] {
            assert!(call(&breaker, outcome));
        }
        assert_eq!(breaker.state(), CircuitState::Closed);
        call(&breaker, Outcome::Neutral);
        call(&breaker, Outcome::Failure);
        call(&breaker, Outcome::Failure);
        assert_eq!(breaker.state(), CircuitState::Open);
        assert!(!call(&breaker, Outcome::Success));
    }

    #[tokio::test(start_paused = true)]
    async fn a_high_rate_of_failures_opens_it() {
        let breaker = breaker();
        for _ in 0..4 {
            call(&breaker, Outcome::Failure);
            call(&breaker, Outcome::Success);
        }
        call(&breaker, Outcome::Success);
        assert_eq!(breaker.state(), CircuitState::Closed, "9 calls are no window yet");
        call(&breaker, Outcome::Failure);
        assert_eq!(breaker.state(), CircuitState::Open);
    }

    #[tokio::test(start_paused = true)]
    async fn one_probe_at_a_time_decides() {
        let breaker = opened().await;
        tokio::time::advance(SETTINGS.open_for).await;
        let probe = breaker.admit().expect("a probe");
        assert_eq!(breaker.state(), CircuitState::HalfOpen);
        assert_eq!(breaker.admit(), None, "one at a time");
        breaker.record(probe, Outcome::Failure);
        assert_eq!(breaker.state(), CircuitState::Open);

        tokio::time::advance(SETTINGS.open_for).await;
        let probe = breaker.admit().expect("a probe");
        breaker.record(probe, Outcome::Neutral);
        let probe = breaker.admit().expect("a cancelled probe frees its place");
        breaker.record(probe, Outcome::Success);
        assert_eq!(breaker.state(), CircuitState::Closed);
        call(&breaker, Outcome::Failure);
        call(&breaker, Outcome::Failure);
        assert_eq!(breaker.state(), CircuitState::Closed, "it begins anew");
    }

    #[tokio::test(start_paused = true)]
    async fn late_news_of_older_calls_is_ignored() {
        let breaker = breaker();
        let old = breaker.admit().expect("closed");
        for _ in 0..3 {
            call(&breaker, Outcome::Failure);
        }
        breaker.record(old, Outcome::Success);
        assert_eq!(breaker.state(), CircuitState::Open);
        tokio::time::advance(SETTINGS.open_for).await;
        let _probe = breaker.admit().expect("a probe");
        breaker.record(old, Outcome::Success);
        assert_eq!(breaker.state(), CircuitState::HalfOpen);
    }
}
