//! Samples of a piece of work, and what is told of them.

use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::error::Result;
use crate::machine;

/// What one execution of a piece of work took, per unit of it (a step, a token, …).
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Sample {
    /// Microseconds of wall time.
    pub(crate) wall: f64,
    /// Microseconds of the process's CPU time.
    pub(crate) cpu: f64,
}

impl Sample {
    /// Runs `work`, which does `units` of it on this thread.
    pub(crate) fn of(units: usize, work: impl FnOnce() -> Result<()>) -> Result<Self> {
        let cpu = machine::cpu_time();
        let begun = Instant::now();
        work()?;
        let wall = begun.elapsed();
        let cpu = machine::cpu_time().saturating_sub(cpu);
        let units = count(units);
        Ok(Self { wall: micros(wall) / units, cpu: micros(cpu) / units })
    }
}

/// Allocations of this thread per unit of a piece of work. Apart from its time, which counting
/// would lengthen.
pub(crate) fn allocations(units: usize, work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let mut done = Ok(());
    let counted = allocation_counter::measure(|| done = work());
    done.map(|()| count_u64(counted.count_total) / count(units))
}

/// All samples of a piece of work.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(Vec<Sample>);

impl Samples {
    pub(crate) fn push(&mut self, sample: Sample) {
        self.0.push(sample);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Wall time per unit that this share (0 to 100) of the samples kept within, in microseconds.
    pub(crate) fn wall(&self, percent: usize) -> f64 {
        percentile(self.0.iter().map(|sample| sample.wall), percent)
    }

    /// Median CPU time per unit, in microseconds.
    pub(crate) fn cpu(&self) -> f64 {
        percentile(self.0.iter().map(|sample| sample.cpu), 50)
    }
}

/// The nearest rank; 0 of nothing.
pub(crate) fn percentile(values: impl Iterator<Item = f64>, percent: usize) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let place = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(place).copied().unwrap_or_default()
}

pub(crate) fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// A count as a number to divide by.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(crate) const fn count(of: usize) -> f64 {
    of as f64
}

/// A count as a number to divide.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(crate) const fn count_u64(of: u64) -> f64 {
    of as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let values = || (1..=200).rev().map(f64::from);
        assert_eq!(percentile(values(), 50), 100.0);
        assert_eq!(percentile(values(), 95), 190.0);
        assert_eq!(percentile(values(), 100), 200.0);
        assert_eq!(percentile(std::iter::empty(), 50), 0.0);
    }

    #[test]
    fn allocations_of_the_work_are_counted_per_unit() {
        let counted = allocations(2, || {
            std::hint::black_box((Box::new(1), Box::new(2), Box::new(3), Box::new(4)));
            Ok(())
        });
        assert_eq!(counted.expect("works"), 2.0);
    }
}
