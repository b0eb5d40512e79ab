//! What a node uses up of limits of its own: that counts in whatever way the node goes on.

use std::sync::Arc;

use super::Task;
use crate::journal::{Journal, Text, Unstored, encode};
use crate::policy::Meter;
use crate::run::notes::SPENT;
use crate::{Budget, GraphError, State, Usage};

/// A node's own meter. What it says is noted unless the node returns.
pub(super) struct Spending {
    pub(super) meter: Arc<Meter>,
    note: Option<Place>,
}

/// Where it is noted.
struct Place {
    journal: Journal,
    step: u32,
    path: String,
}

impl Spending {
    /// The node has returned: what it has used up of its own is of no matter any more.
    pub(super) fn done(mut self) {
        self.note = None;
    }
}

impl Drop for Spending {
    fn drop(&mut self) {
        let used = self.meter.used();
        let Some(Place { journal, step, path }) = self.note.take().filter(|_| !used.is_zero())
        else {
            return;
        };
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
        let meter = Meter::under(&self.run.meter, journal.full_path(step, place), budget, used);
        let note = self.run.codec.map(|_| {
            let (journal, path) = (journal.clone(), place.to_owned());
            Place { journal, step, path }
        });
        Ok(Spending { meter, note })
    }
}
