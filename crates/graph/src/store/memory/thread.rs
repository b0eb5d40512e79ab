//! One thread in memory. Its texts are shared with copies and readers, never copied by a write.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use tokio::time::Instant;

use crate::store::{
    At, Checkpoint, Commit, Head, Loaded, Meta, Page, Record, Records, Seq, StoreError, ThreadId,
};

/// A thread: its claim, its log, its records.
#[derive(Default)]
pub(super) struct Thread {
    pub(super) epoch: u64,
    pub(super) until: Option<Instant>,
    pub(super) head: Option<Head>,
    log: BTreeMap<Seq, Arc<Logged>>,
    records: BTreeMap<Seq, Notes>,
}

/// A checkpoint and when it was stored.
#[derive(Clone)]
pub(super) struct Logged {
    checkpoint: Checkpoint,
    at: u64,
}

/// The records of one base, by path and slot, each with its place in the order of writing.
type Notes = HashMap<(String, String), (usize, Arc<str>)>;

/// What was found, its texts still shared with the thread.
pub(super) struct Found {
    head: Head,
    line: Vec<Arc<Logged>>,
    base: Seq,
    notes: Notes,
}

impl Thread {
    /// An empty thread.
    pub(super) fn of_epoch(epoch: u64) -> Self {
        Self { epoch, ..Self::default() }
    }

    /// Whether a lease holds.
    pub(super) fn is_held(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    /// The same log, held by nobody.
    pub(super) fn copy(&self) -> Self {
        Self {
            epoch: 0,
            until: None,
            head: self.head,
            log: self.log.clone(),
            records: self.records.clone(),
        }
    }

    pub(super) fn put(&mut self, records: Vec<Record>, name: &ThreadId) -> Result<(), StoreError> {
        let head = self.head.map_or(0, |head| head.seq);
        if let Some(ahead) = records.iter().find(|record| record.base > head) {
            return Err(missing(name, ahead.base));
        }
        for Record { base, path, slot, body } in records {
            let notes = self.records.entry(base).or_default();
            let place = notes.len();
            notes.entry((path, slot)).or_insert_with(|| (place, "".into())).1 = body.into();
        }
        Ok(())
    }

    /// Appends checkpoints that hold together; see [`Lease::check_commit`](super::super::Lease).
    pub(super) fn commit(
        &mut self,
        commit: Commit,
        at: u64,
        name: &ThreadId,
    ) -> Result<(), StoreError> {
        if self.head.map(|head| head.seq) != commit.expected {
            return Err(StoreError::Moved { thread: name.clone() });
        }
        let parent = commit.checkpoints.first().and_then(|first| first.parent);
        if let Some(parent) = parent
            && !self.log.contains_key(&parent)
        {
            return Err(missing(name, parent));
        }
        let mut last_branch = self.head.map_or(0, |head| head.last_branch);
        for checkpoint in commit.checkpoints {
            let (seq, branch) = (checkpoint.seq, checkpoint.branch);
            last_branch = last_branch.max(branch);
            self.head = Some(Head { seq, branch, last: seq, last_branch });
            self.log.insert(seq, Arc::new(Logged { checkpoint, at }));
        }
        match commit.records {
            Records::None => {}
            Records::Clear => self.records = self.records.split_off(&(parent.unwrap_or(0) + 1)),
            Records::Carry => {
                if let Some(notes) = self.records.remove(&commit.expected.unwrap_or(0))
                    && let Some(head) = self.head
                {
                    self.records.insert(head.seq, notes);
                }
            }
        }
        Ok(())
    }

    /// `None` if there is no checkpoint at all, `Some(None)` if only this one is not there.
    pub(super) fn load(&self, at: At) -> Option<Option<Found>> {
        let head = self.head?;
        let base = match at {
            At::Head => head.seq,
            At::Seq(seq) => seq,
        };
        let mut line = Vec::new();
        let mut next = self.log.get(&base);
        while let Some(logged) = next {
            line.push(Arc::clone(logged));
            let parent = logged.checkpoint.parent.filter(|_| logged.checkpoint.snapshot.is_none());
            next = parent.and_then(|parent| self.log.get(&parent));
        }
        line.reverse();
        let notes = self.records.get(&base).cloned().unwrap_or_default();
        Some((!line.is_empty()).then_some(Found { head, line, base, notes }))
    }

    pub(super) fn history(&self, page: Page) -> Vec<Meta> {
        let before = page.before.unwrap_or(Seq::MAX);
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        self.log.range(..before).rev().take(limit).map(|(_, logged)| logged.meta()).collect()
    }

    /// Drops what `before` does not lead to, and answers it, so that it is freed elsewhere.
    pub(super) fn prune(
        &mut self,
        before: Seq,
        snapshot: String,
        name: &ThreadId,
    ) -> Result<BTreeMap<Seq, Arc<Logged>>, StoreError> {
        let mut kept = HashSet::new();
        for (seq, logged) in self.log.range(before..) {
            if *seq == before || logged.checkpoint.parent.is_some_and(|it| kept.contains(&it)) {
                kept.insert(*seq);
            }
        }
        if !self.head.is_some_and(|head| kept.contains(&head.seq)) {
            return Err(missing(name, before));
        }
        let (stays, goes) =
            std::mem::take(&mut self.log).into_iter().partition(|(seq, _)| kept.contains(seq));
        self.log = stays;
        self.records.retain(|base, _| kept.contains(base));
        if let Some(logged) = self.log.get_mut(&before) {
            Arc::make_mut(logged).checkpoint.snapshot = Some(snapshot);
        }
        Ok(goes)
    }
}

impl Logged {
    fn meta(&self) -> Meta {
        let Checkpoint { seq, branch, parent, source, step, body, snapshot } = &self.checkpoint;
        let bytes = body.len() + snapshot.as_ref().map_or(0, String::len);
        Meta {
            seq: *seq,
            branch: *branch,
            parent: *parent,
            source: *source,
            step: *step,
            at: self.at,
            bytes: u64::try_from(bytes).unwrap_or(u64::MAX),
            has_snapshot: snapshot.is_some(),
        }
    }
}

impl Found {
    pub(super) fn into_loaded(self) -> Loaded {
        let mut notes: Vec<_> = self.notes.into_iter().collect();
        notes.sort_unstable_by_key(|(_, (place, _))| *place);
        let records = notes.into_iter().map(|((path, slot), (_, body))| Record {
            base: self.base,
            path,
            slot,
            body: body.as_ref().to_owned(),
        });
        Loaded {
            head: self.head,
            line: self.line.iter().map(|logged| logged.checkpoint.clone()).collect(),
            records: records.collect(),
        }
    }
}

fn missing(name: &ThreadId, seq: Seq) -> StoreError {
    StoreError::Missing { thread: name.clone(), seq }
}
