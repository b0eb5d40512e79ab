//! Whose documents are claimed next.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::ClaimedDocument;
use super::claim::Busy;

/// How many workspaces, and how many collections, are remembered. Whoever is forgotten comes first.
const REMEMBERED: u64 = 2_048;

/// Whose turn was when, among those for whom one server claims documents. Without it whoever has the
/// oldest would be next each time that nothing is under way.
#[derive(Debug, Default)]
pub struct ClaimTurns(Mutex<Turns>);

#[derive(Debug, Default)]
struct Turns {
    /// How many there were.
    count: u64,
    /// The last turn of each workspace and each collection.
    last: HashMap<Uuid, u64>,
}

impl ClaimTurns {
    /// Those that have waiting documents, at most so many, the next first: of the workspace that has
    /// the fewest under way, counting those that come before.
    pub(super) fn in_order(&self, busy: Vec<Busy>, limit: usize) -> Vec<Busy> {
        let mut under_way: HashMap<Uuid, i64> = HashMap::new();
        for collection in &busy {
            *under_way.entry(collection.workspace_id).or_default() += collection.under_way;
        }
        let turns = self.turns();
        let mut waiting: Vec<Busy> = busy.into_iter().filter(|it| it.has_waiting != 0).collect();
        waiting.sort_by_key(|it| (it.under_way, turns.last_of(it.id)));
        let mut ranked = Vec::with_capacity(waiting.len());
        for collection in waiting {
            let before = under_way.entry(collection.workspace_id).or_default();
            ranked.push(((*before, turns.last_of(collection.workspace_id)), collection));
            *before += 1;
        }
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.truncate(limit);
        ranked.into_iter().map(|(_, collection)| collection).collect()
    }

    pub(super) fn note(&self, claimed: &[ClaimedDocument]) {
        let mut turns = self.turns();
        for ClaimedDocument { claim, .. } in claimed {
            turns.count += 1;
            let count = turns.count;
            turns.last.insert(claim.workspace_id.uuid(), count);
            turns.last.insert(claim.collection_id.uuid(), count);
        }
        if turns.last.len() as u64 > 4 * REMEMBERED {
            let forgotten = turns.count.saturating_sub(REMEMBERED);
            turns.last.retain(|_, last| *last > forgotten);
        }
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turns {
    fn last_of(&self, id: Uuid) -> u64 {
        self.last.get(&id).copied().unwrap_or_default()
    }
}
