//! How much is measured.

use std::time::Duration;

/// Numbers of turns, streams and seconds.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Turns per point of the time to first token.
    pub(crate) turns: usize,
    /// Turns per point of the comparison of lengths.
    pub(crate) length_turns: usize,
    /// Rounds in which the targets take turns.
    pub(crate) rounds: usize,
    /// How long each target is loaded in each round.
    pub(crate) slice: Duration,
    /// Held streams, ascending.
    pub(crate) held: Vec<usize>,
    /// How long held streams settle before memory is read.
    pub(crate) settle: Duration,
    /// How long they are then watched.
    pub(crate) watch: Duration,
    /// Starts.
    pub(crate) starts: usize,
    /// Refused sign-ins of each kind; after 100 in a row the password is locked.
    pub(crate) sign_ins: usize,
}

impl Plan {
    pub(crate) fn full() -> Self {
        Self {
            turns: 2_000,
            length_turns: 300,
            rounds: 4,
            slice: Duration::from_secs(3),
            held: vec![1_000, 10_000],
            settle: Duration::from_secs(4),
            watch: Duration::from_secs(10),
            starts: 9,
            sign_ins: 95,
        }
    }

    pub(crate) fn quick() -> Self {
        Self {
            turns: 200,
            length_turns: 100,
            rounds: 2,
            slice: Duration::from_secs(1),
            held: vec![100, 1_000],
            settle: Duration::from_secs(2),
            watch: Duration::from_secs(3),
            starts: 3,
            sign_ins: 30,
        }
    }
}
