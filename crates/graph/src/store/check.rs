//! What every store refuses, so that all of them hold the same.

use super::{Checkpoint, Claim, Commit, Lease, Record, Seq, StoreError, ThreadId};

/// Bytes of a thread's name.
const NAME: std::ops::RangeInclusive<usize> = 1..=255;
/// Bytes of a record's path and of its slot: databases index both together.
const PLACE: usize = 1024;
/// The highest epoch: databases count to 2^63, and the next ones must fit too.
const EPOCH: u64 = 1 << 62;

impl ThreadId {
    /// Refuses a name that cannot be stored.
    pub fn check(&self) -> Result<(), StoreError> {
        let name = self.as_str();
        if NAME.contains(&name.len()) && !name.contains('\0') {
            Ok(())
        } else {
            Err(StoreError::BadName)
        }
    }
}

impl Claim {
    /// Refuses a claim that cannot be stored.
    pub fn check(&self, thread: &ThreadId) -> Result<(), StoreError> {
        thread.check()?;
        check_epoch(thread, self.epoch.unwrap_or_default())
    }
}

impl Lease {
    /// Refuses a lease that no store has given and none can hold.
    pub fn check(&self) -> Result<(), StoreError> {
        self.thread.check()?;
        check_epoch(&self.thread, self.epoch)
    }

    /// Refuses records that cannot be stored.
    pub fn check_records(&self, records: &[Record]) -> Result<(), StoreError> {
        self.check()?;
        let texts = |record: &Record| {
            [&record.path, &record.slot, &record.body].iter().any(|text| text.contains('\0'))
        };
        if records.iter().any(texts) {
            return Err(malformed(&self.thread, "a record's text holds U+0000"));
        }
        if records.iter().any(|it| it.path.len() > PLACE || it.slot.len() > PLACE) {
            return Err(malformed(&self.thread, "a record's path or slot exceeds 1024 bytes"));
        }
        Ok(())
    }

    /// Refuses to delete a thread with the lease of another.
    pub fn check_delete(&self, thread: &ThreadId) -> Result<(), StoreError> {
        self.check()?;
        if self.thread != *thread {
            return Err(malformed(thread, "a lease is of another thread"));
        }
        Ok(())
    }

    /// Refuses to prune with a snapshot that cannot be stored.
    pub fn check_prune(&self, snapshot: &str) -> Result<(), StoreError> {
        self.check()?;
        if snapshot.contains('\0') {
            return Err(malformed(&self.thread, "a snapshot holds U+0000"));
        }
        Ok(())
    }

    /// Refuses a commit that does not hold together, and answers its first and last checkpoint.
    pub fn check_commit<'a>(
        &self,
        commit: &'a Commit,
    ) -> Result<(&'a Checkpoint, &'a Checkpoint), StoreError> {
        self.check()?;
        let malformed = |why| malformed(&self.thread, why);
        let (Some(first), Some(last)) = (commit.checkpoints.first(), commit.checkpoints.last())
        else {
            return Err(malformed("a commit without checkpoints"));
        };
        if commit.expected.unwrap_or(0).checked_add(1) != Some(first.seq) {
            return Err(malformed("the first checkpoint's number does not follow the head's"));
        }
        if !may_follow(commit.expected, first.parent) {
            return Err(malformed("the first checkpoint's parent cannot be there"));
        }
        let follows = |pair: &[Checkpoint]| {
            pair[0].seq.checked_add(1) == Some(pair[1].seq) && pair[1].parent == Some(pair[0].seq)
        };
        if !commit.checkpoints.windows(2).all(follows) {
            return Err(malformed("a checkpoint does not follow the one before it"));
        }
        let texts = |checkpoint: &Checkpoint| {
            checkpoint.body.contains('\0')
                || checkpoint.snapshot.as_ref().is_some_and(|text| text.contains('\0'))
        };
        if commit.checkpoints.iter().any(texts) {
            return Err(malformed("a checkpoint's text holds U+0000"));
        }
        Ok((first, last))
    }
}

/// Whether the first checkpoint of a commit may have this parent.
fn may_follow(head: Option<Seq>, parent: Option<Seq>) -> bool {
    match (head, parent) {
        (None, None) => true,
        (Some(head), Some(parent)) => (1..=head).contains(&parent),
        _ => false,
    }
}

fn check_epoch(thread: &ThreadId, epoch: u64) -> Result<(), StoreError> {
    if epoch <= EPOCH { Ok(()) } else { Err(malformed(thread, "an epoch above 2^62")) }
}

fn malformed(thread: &ThreadId, why: &'static str) -> StoreError {
    StoreError::Malformed { thread: thread.clone(), why }
}
