//! What a stopped task has asked, done outside and used up, and how far a graph in it was: it holds
//! when the task is due again.

use super::Driver;
use crate::codec::{Finished, Kept, corrupt, merged, raw};
use crate::ctx::{ASK, ONCE};
use crate::frontier::Due;
use crate::run::notes::SPENT;
use crate::subgraph::{BEGAN, STEP};
use crate::task::DONE;
use crate::{GraphError, State, ThreadId};

impl<S: State> Driver<S> {
    /// The questions and effects of tasks that are due again, under the paths that they have now:
    /// a worker may have another place among the sends. The steps of graphs in them, which go on
    /// behind these from what they began with. And that nodes of a stopped lane have finished; what
    /// they wrote has just been merged, but for what lives for one step.
    pub(super) fn kept(&self, again: &[Due]) -> Result<Vec<Kept>, GraphError> {
        let mut kept = Vec::new();
        // A nested graph's notes are kept with those of the outermost's task.
        let Some(codec) = self.run.codec.filter(|_| self.place.is_none() && !again.is_empty())
        else {
            return Ok(kept);
        };
        for kind in [ASK, ONCE, DONE, STEP, BEGAN, SPENT] {
            for ((path, slot), note) in self.run.journal.all(kind) {
                // What is due now are these, in the same order.
                let mut tasks = again.iter().zip(&self.frontier.due);
                let owner = tasks.find_map(|(due, now)| Some((now, inside(&due.path, &path)?)));
                let Some((now, rest)) = owner else { continue };
                let mut note = note.make()?;
                if kind == DONE && is_in_lane(rest) {
                    note = merged(codec, &now.path, &note)?;
                }
                kept.push((format!("{}{rest}", now.path), slot, raw(&now.path, &note)?));
            }
        }
        Ok(kept)
    }

    /// Enforces no limit where a task of the first step had taken the way out of one in an earlier
    /// life: its siblings run without one too, as they did then.
    pub(super) fn leave_as_before(&self) -> Result<(), GraphError> {
        let journal = &self.run.journal;
        if self.run.codec.is_none() || journal.is_blank() {
            return Ok(());
        }
        for ((path, _), note) in journal.all(DONE) {
            let is_ours = self.frontier.due.iter().any(|due| {
                let task = due.path.strip_prefix(&*self.run.prefix).unwrap_or(&due.path);
                let task = journal.full_path(self.step + 1, task);
                inside(&task, &path).is_some_and(|rest| rest.is_empty() || is_in_lane(rest))
            });
            if !is_ours {
                continue;
            }
            let note = note.make()?;
            let finished: Finished = serde_json::from_str(&note).map_err(|error| {
                corrupt(&ThreadId::from(&*self.run.thread), journal.base(), error)
            })?;
            if finished.out.is_some() {
                self.run.meter.leave();
            }
        }
        Ok(())
    }
}

/// What is left of `path` after the task's own: nothing, or its place in a lane or nested graph.
fn inside<'a>(task: &str, path: &'a str) -> Option<&'a str> {
    let rest = path.strip_prefix(task)?;
    (rest.is_empty() || rest.starts_with([':', '/'])).then_some(rest)
}

/// Whether what is left of a path is a lane's own node.
fn is_in_lane(rest: &str) -> bool {
    rest.strip_prefix('/').is_some_and(|node| !node.contains(['/', ':']))
}
