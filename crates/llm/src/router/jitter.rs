//! The randomness of waits, injected.

use std::sync::Arc;

/// Yields numbers from 0 up to 1.
#[derive(Clone)]
pub struct Jitter(Arc<dyn Fn() -> f64 + Send + Sync>);

impl Jitter {
    /// Truly random: many clients that failed together do not come back together.
    pub fn random() -> Self {
        Self(Arc::new(rand::random::<f64>))
    }

    /// Always `share` (kept between 0 and 1), for tests.
    pub fn fixed(share: f64) -> Self {
        let share = share.clamp(0.0, 1.0);
        Self(Arc::new(move || share))
    }

    pub(crate) fn next(&self) -> f64 {
        (self.0)()
    }
}
