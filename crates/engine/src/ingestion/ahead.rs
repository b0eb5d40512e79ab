//! How many documents are claimed before they can begin.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// The most that are claimed beyond those that begin at once.
const MOST: usize = 64;
/// Reading that takes longer is not quick.
const QUICK: Duration = Duration::from_millis(50);
/// How long what was claimed ahead may wait to begin.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is claimed and not begun. Only while reading is quick is anything claimed that cannot begin
/// at once: each claim asks anew whose documents are next, and what is claimed ahead is before those
/// that are added meanwhile.
#[derive(Debug)]
pub(super) struct Ahead<T> {
    waiting: VecDeque<T>,
    since: Instant,
    /// How many more were claimed the last time than could begin.
    more: usize,
    /// Whether any was read since, and how.
    was_quick: Option<bool>,
}

impl<T> Ahead<T> {
    pub(super) fn new(now: Instant) -> Self {
        Self { waiting: VecDeque::new(), since: now, more: 0, was_quick: None }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Reading one took so long.
    pub(super) fn took(&mut self, time: Duration) {
        self.was_quick = Some(time <= QUICK && self.was_quick != Some(false));
    }

    /// How many to claim where so many can begin at once: more each time, as long as all are quick.
    pub(super) fn claims_for(&mut self, free: usize) -> usize {
        self.more = match self.was_quick.take() {
            Some(true) => (self.more * 2).clamp(1, MOST),
            Some(false) => 0,
            None => self.more,
        };
        free + self.more
    }

    pub(super) fn add(&mut self, claimed: impl IntoIterator<Item = T>, now: Instant) {
        self.since = now;
        self.waiting.extend(claimed);
    }

    pub(super) fn next(&mut self) -> Option<T> {
        self.waiting.pop_front()
    }

    /// When those that wait have waited too long.
    pub(super) fn deadline(&self) -> Option<Instant> {
        (!self.is_empty()).then(|| self.since + PATIENCE)
    }

    /// Those that have waited too long: others may have the time for them, or somebody else's are to
    /// be read before.
    pub(super) fn overdue(&mut self, now: Instant) -> Vec<T> {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return Vec::new();
        }
        self.more /= 4;
        self.waiting.drain(..).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_quick_is_claimed_ahead() {
        let mut ahead = Ahead::<u8>::new(Instant::now());
        assert_eq!(ahead.claims_for(2), 2);
        let mut claims = Vec::new();
        for _ in 0..8 {
            ahead.took(QUICK);
            claims.push(ahead.claims_for(2));
        }
        assert_eq!(claims, [3, 4, 6, 10, 18, 34, 66, 66]);
        assert_eq!(ahead.claims_for(2), 66, "nothing was read since");
        for time in [QUICK * 2, QUICK] {
            ahead.took(time);
        }
        assert_eq!(ahead.claims_for(2), 2);
    }

    #[test]
    fn what_does_not_begin_soon_is_given_back() {
        let now = Instant::now();
        let mut ahead = Ahead::new(now);
        assert_eq!(ahead.deadline(), None);
        ahead.add(["a", "b", "c"], now);
        assert_eq!(ahead.next(), Some("a"));
        assert_eq!(ahead.overdue(now), [""; 0]);
        assert_eq!(ahead.deadline(), Some(now + PATIENCE));
        assert_eq!(ahead.overdue(now + PATIENCE), ["b", "c"]);
        assert!(ahead.is_empty());
        assert_eq!(ahead.overdue(now + PATIENCE), [""; 0]);
    }
}
