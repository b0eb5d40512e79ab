//! The rhythm of the engine's cleaners, which remove what deletions leave: each works when it is
//! told that there is something, and now and then for what a killed server left half-way. What they
//! remove is theirs to know.

use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval};

use crate::{Engine, Result};

/// How often a cleaner looks without being told.
const LOOK: Duration = Duration::from_secs(60);

impl Engine {
    /// Cleans until the engine stops. A round that fails is made up for by the next; `failing` says
    /// in the log what that means.
    pub(crate) async fn keep_clean<F: Future<Output = Result<()>>>(
        &self,
        told: &Notify,
        failing: &str,
        clean: impl Fn() -> F,
    ) {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.stopped.cancelled() => return,
                _ = looks.tick() => {}
                () = told.notified() => {}
            }
            tokio::select! {
                () = self.stopped.cancelled() => return,
                cleaned = clean() => if let Err(error) = cleaned {
                    tracing::warn!(%error, "{failing}");
                }
            }
        }
    }
}
