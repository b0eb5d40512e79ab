//! Whose documents are claimed next.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;
use vpaura_domain::Subject;

use super::ClaimedDocument;
use super::claim::Busy;

/// How many turns back those who had one are remembered. Whoever is forgotten comes first.
const REMEMBERED: u64 = 2_048;

/// Whose turn was when, among those for whom one server claims documents. Without it whoever has the
/// oldest would be next each time that nothing is under way.
#[derive(Debug, Default)]
pub struct ClaimTurns(Mutex<Turns>);

#[derive(Debug, Default)]
struct Turns {
    /// How many there were.
    count: u64,
    /// When each had the last.
    last: HashMap<Party, u64>,
}

/// Who takes turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Party {
    Workspace(Uuid),
    /// Who asked, in a workspace; the server's operator has the workspace's id.
    Asker(Uuid, Uuid),
    /// A collection, with those of its documents that somebody asked for.
    Pile(Uuid, Uuid),
}

impl ClaimTurns {
    /// Those that have waiting documents, at most so many, the next first: of the workspace that has
    /// the fewest under way, counting those that come before; there, of who asked for the fewest of
    /// these; and of those, of the collection with the fewest.
    pub(super) fn in_order(&self, busy: Vec<Busy>, limit: usize) -> Vec<Busy> {
        let (by_asker, by_workspace) = (under_way(&busy, asker), under_way(&busy, workspace));
        let turns = self.turns();
        let mut waiting: Vec<Busy> = busy.into_iter().filter(|it| it.has_waiting != 0).collect();
        waiting.sort_by_key(|it| (it.under_way, turns.last_of(Party::Pile(it.id, it.asker))));
        let waiting = turns.ranked(waiting, by_asker, asker);
        let mut waiting = turns.ranked(waiting, by_workspace, workspace);
        waiting.truncate(limit);
        waiting
    }

    pub(super) fn note(&self, claimed: &[ClaimedDocument]) {
        let mut turns = self.turns();
        for ClaimedDocument { claim, asked_by, .. } in claimed {
            turns.count += 1;
            let count = turns.count;
            let workspace = claim.workspace_id.uuid();
            let asker = match asked_by {
                Some(Subject::User { id, .. } | Subject::ApiKey { user: id, .. }) => id.uuid(),
                _ => workspace,
            };
            turns.last.insert(Party::Workspace(workspace), count);
            turns.last.insert(Party::Asker(workspace, asker), count);
            turns.last.insert(Party::Pile(claim.collection_id.uuid(), asker), count);
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
    fn last_of(&self, party: Party) -> u64 {
        self.last.get(&party).copied().unwrap_or_default()
    }

    /// The same, in turns of the parties that they are of.
    fn ranked(
        &self,
        waiting: Vec<Busy>,
        mut under_way: HashMap<Party, i64>,
        party: impl Fn(&Busy) -> Party,
    ) -> Vec<Busy> {
        let mut ranked = Vec::with_capacity(waiting.len());
        for pile in waiting {
            let party = party(&pile);
            let before = under_way.entry(party).or_default();
            ranked.push(((*before, self.last_of(party)), pile));
            *before += 1;
        }
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().map(|(_, pile)| pile).collect()
    }
}

const fn workspace(pile: &Busy) -> Party {
    Party::Workspace(pile.workspace_id)
}

const fn asker(pile: &Busy) -> Party {
    Party::Asker(pile.workspace_id, pile.asker)
}

fn under_way(busy: &[Busy], party: impl Fn(&Busy) -> Party) -> HashMap<Party, i64> {
    let mut counts = HashMap::new();
    for pile in busy {
        *counts.entry(party(pile)).or_default() += pile.under_way;
    }
    counts
}
