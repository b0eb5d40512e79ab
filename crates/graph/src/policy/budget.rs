//! What a run may use up: tokens, money, time.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What was used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens.
    #[serde(default)]
    pub tokens: u64,
    /// Millionths of a US dollar.
    #[serde(default)]
    pub micro_usd: u64,
}

impl Usage {
    /// So many tokens.
    pub const fn tokens(tokens: u64) -> Self {
        Self { tokens, micro_usd: 0 }
    }

    /// Adds so many US dollars; less than nothing counts as nothing.
    #[must_use]
    pub fn usd(mut self, usd: f64) -> Self {
        self.micro_usd = self.micro_usd.saturating_add(micro(usd));
        self
    }

    pub(crate) const fn is_zero(&self) -> bool {
        self.tokens == 0 && self.micro_usd == 0
    }
}

/// Dollars as millionths. Out of range: the nearest that can be said.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn micro(usd: f64) -> u64 {
    (usd * 1e6).round() as u64
}

/// What a run may use up. What was used before a crash or an interrupt counts, except time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Budget {
    pub(crate) tokens: Option<u64>,
    pub(crate) micro_usd: Option<u64>,
    pub(crate) wall: Option<Duration>,
}

impl Budget {
    /// No limit.
    pub const fn new() -> Self {
        Self { tokens: None, micro_usd: None, wall: None }
    }

    /// At most so many tokens.
    #[must_use]
    pub const fn tokens(mut self, tokens: u64) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// At most so many US dollars.
    #[must_use]
    pub fn usd(mut self, usd: f64) -> Self {
        self.micro_usd = Some(micro(usd));
        self
    }

    /// At most so much time, from the start.
    #[must_use]
    pub const fn wall(mut self, wall: Duration) -> Self {
        self.wall = Some(wall);
        self
    }
}

/// Which limit was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Of tokens.
    Tokens(u64),
    /// Of money, in millionths of a US dollar.
    MicroUsd(u64),
    /// Of time.
    Wall(Duration),
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tokens(tokens) => write!(f, "{tokens} tokens"),
            Self::MicroUsd(micro) => {
                write!(f, "{}.{:06} USD", micro / 1_000_000, micro % 1_000_000)
            }
            Self::Wall(wall) => write!(f, "{wall:?}"),
        }
    }
}

/// What a charge leads to.
pub(crate) enum Charged {
    Fine,
    /// Four fifths of this limit were passed by this charge.
    Warn(Limit),
    Exhausted(Limit),
}

/// Counts what a run, or a node in it, uses up. A node's meter charges the run's as well.
pub(crate) struct Meter {
    limits: Budget,
    tokens: AtomicU64,
    micro_usd: AtomicU64,
    /// The way out is being taken: what it uses is counted and no longer refused.
    leaving: AtomicBool,
    parent: Option<Arc<Self>>,
    /// Of the run's: those of nodes under way that have limits of their own, by the nodes' places.
    own: Mutex<Vec<(String, Weak<Self>)>>,
}

impl Meter {
    /// A run's.
    pub(crate) fn new(limits: Budget, used: Usage) -> Self {
        Self {
            limits,
            tokens: used.tokens.into(),
            micro_usd: used.micro_usd.into(),
            leaving: AtomicBool::new(false),
            parent: None,
            own: Mutex::default(),
        }
    }

    /// One of a node, under another; `place` is where the node's notes are stored, if they are.
    pub(crate) fn under(
        parent: &Arc<Self>,
        place: Option<String>,
        limits: Budget,
        used: Usage,
    ) -> Arc<Self> {
        let own = Self { parent: Some(Arc::clone(parent)), ..Self::new(limits, used) };
        let own = Arc::new(own);
        if let Some(place) = place {
            parent.enlist(place, Arc::downgrade(&own));
        }
        own
    }

    fn enlist(&self, place: String, own: Weak<Self>) {
        match &self.parent {
            Some(parent) => parent.enlist(place, own),
            None => {
                let mut owners = self.owners();
                owners.retain(|(_, meter)| meter.strong_count() > 0);
                owners.push((place, own));
            }
        }
    }

    fn owners(&self) -> MutexGuard<'_, Vec<(String, Weak<Self>)>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Of the run's: what nodes under way have used of limits of their own, by place.
    pub(crate) fn own(&self) -> Vec<(String, Usage)> {
        let mut own = Vec::new();
        self.owners().retain(|(place, meter)| {
            let meter = meter.upgrade();
            own.extend(meter.iter().map(|meter| (place.clone(), meter.used())));
            meter.is_some()
        });
        own.retain(|(_, used)| !used.is_zero());
        own
    }

    pub(crate) fn used(&self) -> Usage {
        Usage {
            tokens: self.tokens.load(Ordering::Relaxed),
            micro_usd: self.micro_usd.load(Ordering::Relaxed),
        }
    }

    /// What the whole run has used up: what is stored goes on from there.
    pub(crate) fn total(&self) -> Usage {
        self.parent.as_ref().map_or_else(|| self.used(), |parent| parent.total())
    }

    /// No limit is enforced from here on.
    pub(crate) fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
        if let Some(parent) = &self.parent {
            parent.leave();
        }
    }

    pub(crate) fn charge(&self, usage: Usage) -> Charged {
        let tokens = add(&self.tokens, usage.tokens);
        let micro_usd = add(&self.micro_usd, usage.micro_usd);
        let above = self.parent.as_ref().map_or(Charged::Fine, |parent| parent.charge(usage));
        if self.leaving.load(Ordering::Relaxed) {
            return Charged::Fine;
        }
        let tokens = passed(tokens, usage.tokens, self.limits.tokens, Limit::Tokens);
        let money = passed(micro_usd, usage.micro_usd, self.limits.micro_usd, Limit::MicroUsd);
        match (tokens, money, above) {
            (over @ Charged::Exhausted(_), _, _)
            | (_, over @ Charged::Exhausted(_), _)
            | (_, _, over @ Charged::Exhausted(_)) => over,
            (Charged::Fine, Charged::Fine, other) | (Charged::Fine, other, _) | (other, _, _) => {
                other
            }
        }
    }
}

/// Adds without going round; what it was before.
fn add(sum: &AtomicU64, more: u64) -> u64 {
    let added = |sum: u64| Some(sum.saturating_add(more));
    sum.fetch_update(Ordering::Relaxed, Ordering::Relaxed, added).unwrap_or_else(|sum| sum)
}

fn passed(before: u64, more: u64, limit: Option<u64>, name: fn(u64) -> Limit) -> Charged {
    let Some(limit) = limit else { return Charged::Fine };
    let after = before.saturating_add(more);
    let warning = limit - limit / 5;
    if after > limit {
        Charged::Exhausted(name(limit))
    } else if before < warning && after >= warning {
        Charged::Warn(name(limit))
    } else {
        Charged::Fine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run may call nodes for ever.
    #[test]
    fn what_is_over_is_not_remembered() {
        let run = Arc::new(Meter::new(Budget::new(), Usage::default()));
        let under = |place: &str| {
            let node = Meter::under(&run, Some(place.into()), Budget::new(), Usage::default());
            node.charge(Usage::tokens(1));
            node
        };
        let kept = under("kept");
        (0..100).for_each(|_| drop(under("over")));
        assert!(run.owners().len() <= 2);
        assert_eq!(run.own(), [("kept".to_owned(), Usage::tokens(1))]);
        assert_eq!((run.total().tokens, kept.used().tokens), (101, 1));
    }
}
