//! When the whole state is stored beside what the steps add.

use crate::store::Checkpoint;

/// Deltas of fewer bytes are read without a snapshot.
const SNAPSHOT_AFTER: usize = 64 * 1024;
/// A snapshot is worth its place when the deltas before it are so many times as large. So what is
/// stored stays within a quarter of what was written, and what is read within five times the state.
const WORTH: usize = 4;
/// What a record costs beside its body.
const RECORD: usize = 128;

/// How much was stored since the last snapshot.
#[derive(Debug)]
pub(super) struct Deltas {
    bytes: usize,
    /// When the next snapshot is considered.
    due_at: usize,
}

impl Deltas {
    /// What a reader of the line goes through.
    pub(super) fn of(line: &[Checkpoint]) -> Self {
        let mut deltas = Self { bytes: 0, due_at: SNAPSHOT_AFTER };
        line.iter().for_each(|checkpoint| deltas.add(checkpoint));
        deltas
    }

    pub(super) fn add(&mut self, checkpoint: &Checkpoint) {
        if checkpoint.snapshot.is_some() {
            *self = Self::of(&[]);
        } else {
            self.bytes += checkpoint.body.len() + RECORD;
        }
    }

    /// How long a snapshot may be to be worth its place; `None` while none is considered.
    pub(super) fn worth(&self) -> Option<usize> {
        (self.bytes >= self.due_at).then_some(self.bytes / WORTH)
    }

    /// A snapshot of so many bytes was not worth its place.
    pub(super) fn not_worth(&mut self, bytes: usize) {
        self.due_at = bytes.saturating_mul(WORTH);
    }
}
