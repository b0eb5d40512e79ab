//! While a search is under way documents are indexed anew and segments merged: then the chunks
//! that it knows by number have other numbers. It looks whether that was so where it found less
//! than it wanted, and goes over what has taken their place.

use std::collections::{HashMap, HashSet};

use vpaura_domain::{EmbeddingId, Scope, SegmentId};

use super::SearchQuery;
use super::ground::{Ground, Searched};
use crate::{Engine, Result};

/// How often a search looks again at most while the ground changes below it.
const MOST: u32 = 2;

/// What a search goes over, and how often it was taken anew.
pub(super) struct Renewed {
    pub(super) ground: Ground,
    times: u32,
}

impl Renewed {
    /// As it is at the beginning.
    pub(super) const fn new(ground: Ground) -> Self {
        Self { ground, times: 0 }
    }
}

impl Engine {
    /// Whether the search should look again, because something of what it went over has gone
    /// meanwhile; then the ground is that of now.
    pub(super) async fn renew_ground(
        &self,
        scope: &Scope,
        query: &SearchQuery,
        renewed: &mut Renewed,
    ) -> Result<bool> {
        if renewed.times == MOST {
            return Ok(false);
        }
        let now = self.ground(scope, query.collections.as_deref(), &query.filter).await?;
        let looks_again = has_lost(&renewed.ground, &now);
        *renewed = Renewed { ground: now, times: renewed.times + 1 };
        Ok(looks_again)
    }
}

/// Whether something of a ground is gone by now: a segment, chunks of one, or the vectors. What was
/// only added meanwhile was not lost.
fn has_lost(ground: &Ground, now: &Ground) -> bool {
    let segments: HashMap<SegmentId, u32> =
        now.segments.iter().map(|it| (it.head.id, it.head.dead)).collect();
    let is_whole = |it: &Searched| segments.get(&it.head.id) == Some(&it.head.dead);
    let serving = |it: &Ground| -> HashSet<EmbeddingId> {
        it.collections.iter().filter_map(|it| Some(it.serving.as_ref()?.0)).collect()
    };
    !ground.segments.iter().all(is_whole) || !serving(ground).is_subset(&serving(now))
}
