//! What a node uses up of limits of its own: that counts in whatever way the node goes on. One that
//! is called again, as by a graph that is retried, has them anew.

use std::sync::Arc;

use super::Task;
use crate::journal::{Journal, Text, Unstored, encode};
use crate::policy::Meter;
use crate::run::notes::SPENT;
use crate::store::Seq;
use crate::{Budget, GraphError, State, Usage};

/// A node's own meter. What it says is noted when the node is stopped, asks, or is cut off.
pub(super) struct Spending {
    pub(super) meter: Arc<Meter>,
    note: Option<Place>,
}

/// Where it is noted.
struct Place {
    journal: Journal,
    step: u32,
    path: String,
    /// The checkpoint that the step starts from.
    base: Seq,
}

impl Spending {
    /// The node has returned, or failed for good: what it has used up of its own is of no matter any
    /// more.
    pub(super) fn done(mut self) {
        self.note = None;
    }
}

impl Drop for Spending {
    fn drop(&mut self) {
        let used = self.meter.used();
        let Some(Place { journal, step, path, base }) = self.note.take() else { return };
        // Who is dropped late is of no step any more.
        if used.is_zero() || journal.base() != base {
            return;
        }
        let whose: Arc<str> = path.as_str().into();
        let note = Text::later(Arc::clone(&whose), move || encode(&whose, &used));
        journal.put_later(step, &path, SPENT, note);
    }
}

impl<S: State> Task<S> {
    /// A meter of the node's own, with what it has used up in an earlier life of the step.
    pub(super) fn spending(&self, path: &Arc<str>, budget: Budget) -> Result<Spending, GraphError> {
        let (journal, step) = (&self.run.journal, self.step);
        let place = path.strip_prefix(&*self.run.prefix).unwrap_or(path);
        let note = self.run.codec.map(|_| journal.find(step, place, SPENT)).transpose()?.flatten();
        let unread = |error| GraphError::from(Unstored::encode(path, error));
        let used = note.map(|note| serde_json::from_str::<Usage>(&note).map_err(unread));
        let used = used.transpose()?.unwrap_or_default();
        let noted_at = self.run.codec.map(|_| journal.full_path(step, place));
        let meter = Meter::under(&self.run.meter, noted_at, budget, used);
        let note = self.run.codec.map(|_| {
            let (journal, path, base) = (journal.clone(), place.to_owned(), journal.base());
            Place { journal, step, path, base }
        });
        Ok(Spending { meter, note })
    }
}
