//! Whose file is read next. Reading takes up to minutes, and the places are few, so turns go round
//! among those who ask instead of to whoever came first:
//!
//! - A free place goes to the party that has the fewest; of those that have as few, to the one that
//!   waits the longest since it came or had a turn. Within a party it is the same among its members.
//! - No party gets the last place where there are several, and all jobs together do not get it. Of
//!   the places that a party may have, no member gets the last where there are several of both. The
//!   bound of a party holds whatever its members are: to be one more of them may cost nothing.
//! - People wait for a bounded time, and a bounded number of them; then they are told that the
//!   server is busy. Jobs wait as long as it takes: they are stored, and few run at a time.
//!
//! Whoever is dropped, waiting or not, gives the turn on.

mod line;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use self::line::{Id, Line};
use super::error::{ExtractError, Result};

/// Who wants a file to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    party: Party,
    member: String,
}

/// Whose turns are counted together.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Party {
    is_job: bool,
    name: String,
}

impl Asker {
    /// Somebody who waits for the answer. Turns go round among parties, and within one among its
    /// members, whatever the texts are; equal ones are the same.
    pub fn person(party: impl Into<String>, member: impl Into<String>) -> Self {
        Self::new(false, party.into(), member.into())
    }

    /// A job that nobody waits for, with the same meaning of its texts. It is not the party of a
    /// person, whatever it is called.
    pub fn job(party: impl Into<String>, member: impl Into<String>) -> Self {
        Self::new(true, party.into(), member.into())
    }

    const fn new(is_job: bool, name: String, member: String) -> Self {
        Self { party: Party { is_job, name }, member }
    }
}

/// Gives turns. The number of those at the same time is fixed.
#[derive(Debug, Clone)]
pub(super) struct Turns {
    /// What the turns are for, in metrics.
    lane: &'static str,
    /// How long a person waits.
    patience: Duration,
    line: Arc<Mutex<Places>>,
}

type Places = Line<oneshot::Sender<()>>;

/// A turn, or a place in the line, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Turns,
    id: Id,
}

impl Turns {
    /// So many at a time; at least one.
    pub(super) fn new(lane: &'static str, places: usize, patience: Duration) -> Self {
        Self { lane, patience, line: Arc::new(Mutex::new(Line::new(places))) }
    }

    /// The asker's turn, once it comes.
    ///
    /// # Errors
    /// [`ExtractError::Busy`] when it does not come in time, or too many wait already.
    pub(super) async fn turn(&self, asker: &Asker) -> Result<Turn> {
        let (turn, called) = self.join(asker);
        let is_called = if asker.party.is_job {
            called.await.is_ok()
        } else {
            matches!(timeout(self.patience, called).await, Ok(Ok(())))
        };
        if is_called {
            return Ok(turn);
        }
        metrics::counter!("vpaura_extract_refused_total", "lane" => self.lane).increment(1);
        Err(ExtractError::Busy)
    }

    fn join(&self, asker: &Asker) -> (Turn, oneshot::Receiver<()>) {
        let (call, called) = oneshot::channel();
        let mut line = self.line();
        let id = line.join(asker, call);
        self.call_next(&mut line);
        // Whoever is taken out learns of it by this drop.
        drop(line.shorten(asker));
        self.measure(&line);
        (Turn { turns: self.clone(), id }, called)
    }

    fn call_next(&self, line: &mut Places) {
        while let Some(call) = line.admit() {
            // Whoever does not hear it any more is about to leave, and then gives the turn on.
            let _ = call.send(());
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a few hundred at most")]
    fn measure(&self, line: &Places) {
        metrics::gauge!("vpaura_extract_running", "lane" => self.lane).set(line.taken() as f64);
        metrics::gauge!("vpaura_extract_waiting", "lane" => self.lane).set(line.waiting() as f64);
    }

    fn line(&self) -> MutexGuard<'_, Places> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut line = self.turns.line();
        line.leave(self.id);
        self.turns.call_next(&mut line);
        self.turns.measure(&line);
    }
}

#[cfg(test)]
mod tests;
