//! Committing a step: one record of what it added, and now and then the whole state.

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard, PoisonError};

use super::Driver;
use super::barrier::Parts;
use crate::codec::{Body, snapshot};
use crate::journal::{Next, encode};
use crate::store::{Seq, Source};
use crate::{Durability, GraphError, State};

/// Deltas of fewer bytes are read without a snapshot.
const SNAPSHOT_AFTER: usize = 64 * 1024;
/// A snapshot is worth its place when the deltas before it are so many times as large. So what is
/// stored stays within a quarter of what was written, and what is read within five times the state.
const WORTH: usize = 4;
/// What a record costs beside its body.
const RECORD: usize = 128;

/// How much was stored since the last snapshot.
pub(crate) struct Deltas {
    bytes: usize,
    /// When the next snapshot is considered.
    due_at: usize,
}

impl Deltas {
    pub(crate) const fn since_snapshot(bytes: usize) -> Self {
        Self { bytes, due_at: SNAPSHOT_AFTER }
    }

    pub(crate) const fn of_record(body: usize) -> usize {
        body + RECORD
    }
}

impl<S: State> Driver<S> {
    /// Stores the step, as the run's durability says. Its number, in a thread.
    pub(super) async fn commit(
        &mut self,
        source: Source,
        parts: Parts,
    ) -> Result<Option<Seq>, GraphError> {
        if self.run.codec.is_none() {
            if self.place.is_none() {
                self.run.journal.clear();
            }
            return Ok(None);
        }
        let body = self.body(parts)?;
        if let Some(place) = &self.place {
            // Of a nested graph: a note of the outermost graph's step.
            let note = encode(&place.path.as_str().into(), &body)?;
            let slot = format!("step:{:08}", self.step);
            let writer = place.journal.writer();
            if writer.is_some_and(|writer| writer.durability() == Durability::Sync) {
                place.journal.put(place.step, &place.path, &slot, note).await?;
            } else {
                place.journal.put_later(place.step, &place.path, &slot, note);
            }
            return Ok(None);
        }
        let text = body
            .text()
            .map_err(|error| GraphError::Encode { path: self.root(), reason: error.to_string() })?;
        let snapshot = self.snapshot(text.len())?;
        let Some(writer) = self.run.journal.writer() else { return Ok(None) };
        let next = Next { source, step: self.step, body: text, snapshot, carry: false };
        let seq = writer.commit(next).await?;
        self.run.journal.clear();
        Ok(Some(seq))
    }

    fn body(&self, parts: Parts) -> Result<Body, GraphError> {
        Ok(Body {
            v: S::VERSION,
            w: parts.written,
            n: self.frontier.names(&self.graph.0),
            s: self.frontier.sends(&self.graph.0)?,
            j: self.frontier.joins(&self.graph.0),
            u: self.run.meter.used(),
            c: parts.children,
            x: self.exhausted,
            e: parts.kept,
        })
    }

    /// The whole state, when it is time for it.
    fn snapshot(&mut self, added: usize) -> Result<Option<String>, GraphError> {
        self.deltas.bytes += Deltas::of_record(added);
        if self.deltas.bytes < self.deltas.due_at {
            return Ok(None);
        }
        let whole = self.encoded()?;
        let worth = whole.len().saturating_mul(WORTH);
        if worth > self.deltas.bytes {
            self.deltas.due_at = worth;
            return Ok(None);
        }
        self.deltas = Deltas::since_snapshot(0);
        Ok(Some(whole))
    }

    /// The state as JSON.
    fn encoded(&self) -> Result<String, GraphError> {
        let path = self.root();
        let reason = "the graph does not run in a thread";
        let codec = self
            .run
            .codec
            .ok_or_else(|| GraphError::Encode { path: Arc::clone(&path), reason: reason.into() })?;
        snapshot(codec, &path, &self.state, &self.children())
    }

    fn root(&self) -> Arc<str> {
        self.graph.0.name.into()
    }

    pub(super) fn children(&self) -> MutexGuard<'_, BTreeMap<String, Arc<str>>> {
        self.run.children.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
