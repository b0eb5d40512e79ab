//! What a stopped task has asked and done outside: it holds when the task is due again.

use std::sync::Arc;

use super::Driver;
use crate::codec::{Kept, merged, raw};
use crate::ctx::{ASK, ONCE};
use crate::frontier::Due;
use crate::task::DONE;
use crate::{GraphError, State};

impl<S: State> Driver<S> {
    /// The questions and effects of tasks that are due again, under the paths that they have now:
    /// a worker may have another place among the sends. And that nodes of a stopped lane have
    /// finished; what they wrote has just been merged.
    pub(super) fn kept(&self, again: &[Due]) -> Result<Vec<Kept>, GraphError> {
        let mut kept = Vec::new();
        // A nested graph begins anew when its node does; its notes are kept with the node's.
        if self.run.codec.is_none() || self.place.is_some() || again.is_empty() {
            return Ok(kept);
        }
        for kind in [ASK, ONCE, DONE] {
            for ((path, slot), note) in self.run.journal.all(kind) {
                let owner = again.iter().find_map(|due| Some((due, inside(&due.path, &path)?)));
                let Some((due, rest)) = owner else { continue };
                if kind == DONE && !is_in_lane(rest) {
                    continue;
                }
                if let Some(now) = self.frontier.due.iter().find(|now| is_same(now, due)) {
                    let mut note = note.make()?;
                    if kind == DONE {
                        note = merged(&due.path, &note)?;
                    }
                    let note = raw(&due.path, &note)?;
                    kept.push((format!("{}{rest}", now.path), slot, note));
                }
            }
        }
        Ok(kept)
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

fn is_same(now: &Due, before: &Due) -> bool {
    match (&now.parcel, &before.parcel) {
        (None, None) => now.node == before.node,
        (Some(now), Some(before)) => std::ptr::addr_eq(Arc::as_ptr(now), Arc::as_ptr(before)),
        _ => false,
    }
}
