//! What an attempt has said: whether it counts, or is taken back.

use std::sync::atomic::Ordering;

use super::Task;
use crate::State;
use crate::ctx::{Attempt, Voice};
use crate::event::EventKind;

impl<S: State> Task<S> {
    /// What the attempt has said counts. Without a store, a graph around this one begins anew when
    /// it is retried, and all of it would be said again.
    pub(super) fn count(&self, attempt: &Attempt<S>) {
        if attempt.spoke.load(Ordering::Relaxed) {
            self.counts(&attempt.voice());
        }
    }

    /// The same, of who has spoken.
    pub(super) fn counts(&self, voice: &Voice) {
        if self.run.codec.is_some() {
            self.run.above.iter().for_each(|above| above.counted(voice));
        }
    }

    /// What the attempt has said does not count, if it has said anything.
    pub(super) async fn take_back(&self, attempt: &Attempt<S>) {
        attempt.close();
        if attempt.spoke.load(Ordering::Relaxed) {
            self.discard(attempt).await;
        } else {
            self.discard_inner(attempt).await;
        }
    }

    /// What the attempt has said does not count.
    pub(super) async fn discard(&self, attempt: &Attempt<S>) {
        attempt.close();
        self.discard_inner(attempt).await;
        self.silence(attempt.voice()).await;
    }

    /// What was said in the attempt's graph by nodes that will say it again does not count.
    async fn discard_inner(&self, attempt: &Attempt<S>) {
        let open = std::mem::take(&mut attempt.voices().open);
        for voice in open {
            self.silence(voice).await;
        }
    }

    pub(super) async fn silence(&self, voice: Voice) {
        self.run.above.iter().for_each(|above| above.taken_back(&voice));
        self.tell(voice, EventKind::Discard).await;
    }
}
