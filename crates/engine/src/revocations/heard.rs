//! Which revocations this server has heard of. Their numbers are given out before their
//! transactions are committed, so a smaller one may appear after a greater one; for a while each
//! look goes back far enough to find it.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::authenticate::BELIEF;

/// The longest that a transaction may be under way.
const LATE: Duration = Duration::from_secs(60);
/// How many numbers before the newest may still have been under way at the start.
const LATE_AT_START: i64 = 1_000;
/// How long a revocation is acted on again and again: who was let in on what was believed a moment
/// before it is found a moment after it.
const UNSETTLED: Duration = BELIEF.saturating_add(Duration::from_secs(1));

#[derive(Debug)]
pub(super) struct Heard {
    /// Every revocation up to this one has been heard of.
    floor: i64,
    /// Those above it that have been, and when first.
    seen: BTreeMap<i64, Instant>,
}

impl Heard {
    /// Nothing heard yet, where `newest` is the newest there is.
    pub(super) const fn from(newest: i64) -> Self {
        Self { floor: newest.saturating_sub(LATE_AT_START), seen: BTreeMap::new() }
    }

    /// Where to look from.
    pub(super) const fn floor(&self) -> i64 {
        self.floor
    }

    /// Whether the revocation needs to be acted on no more.
    pub(super) fn is_settled(&self, id: i64, now: Instant) -> bool {
        let first = self.seen.get(&id);
        id <= self.floor || first.is_some_and(|first| now.duration_since(*first) > UNSETTLED)
    }

    pub(super) fn note(&mut self, id: i64, now: Instant) {
        self.seen.entry(id).or_insert(now);
    }

    /// Raises the floor to what was heard long ago.
    pub(super) fn forget_old(&mut self, now: Instant) {
        let old = |first: &Instant| now.duration_since(*first) >= LATE;
        let highest = self.seen.iter().rev().find(|(_, first)| old(first)).map(|(id, _)| *id);
        if let Some(floor) = highest {
            self.floor = floor;
            self.seen = self.seen.split_off(&(floor + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_comes_late_is_not_missed() {
        let now = Instant::now();
        let mut heard = Heard::from(5_000);
        assert_eq!(heard.floor(), 4_000);
        heard.note(5_002, now);
        heard.forget_old(now);
        assert!(heard.floor() < 5_001 && !heard.is_settled(5_001, now));
        heard.note(5_001, now);
        heard.forget_old(now + LATE);
        assert_eq!((heard.floor(), heard.seen.len()), (5_002, 0));
        assert!(!heard.is_settled(5_003, now + LATE));
    }

    #[test]
    fn what_was_heard_is_acted_on_until_nobody_can_believe_otherwise() {
        let now = Instant::now();
        let mut heard = Heard::from(0);
        heard.note(1, now);
        heard.note(1, now + BELIEF);
        assert!(!heard.is_settled(1, now + BELIEF));
        assert!(heard.is_settled(1, now + BELIEF + BELIEF));
    }
}
