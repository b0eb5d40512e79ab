//! From ranked numbers to hits: the rows that the caller may see, neighbours joined, and what says
//! the same left out.

use std::collections::HashMap;

use vpaura_domain::{DocumentId, Hit, Scope, Scores};
use vpaura_knowledge::retrieve::{drop_near_duplicates, join_neighbours};
use vpaura_store::FoundChunk;

use super::ground::Place;
use super::search::Ranked;
use crate::{Engine, Result};

/// The most tokens that neighbours have together when they are joined.
const JOINED_TOKENS: u32 = 768;
/// Rows read at a time at least.
const LEAST_BATCH: usize = 24;

/// What was read of candidates.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) hits: Vec<Hit>,
    /// How many have no row that the scope sees.
    pub(super) lost: usize,
}

impl Engine {
    /// The first `n` of these chunks that the scope sees, as hits.
    pub(super) async fn load_first(
        &self,
        scope: &Scope,
        chunks: &Ranked,
        n: usize,
    ) -> Result<Loaded> {
        let mut loaded = Loaded::default();
        for batch in chunks.chunks(n.max(LEAST_BATCH)) {
            self.load_hits(scope, batch, &mut loaded).await?;
            if loaded.hits.len() >= n {
                break;
            }
        }
        loaded.hits.truncate(n);
        Ok(loaded)
    }

    /// Hits until there are `wanted` that say different things, or no more candidates.
    pub(super) async fn load_settled(
        &self,
        scope: &Scope,
        chunks: &Ranked,
        wanted: usize,
        per_document: Option<u32>,
    ) -> Result<Loaded> {
        let mut loaded = Loaded::default();
        let mut settled = Vec::new();
        for batch in chunks.chunks((2 * wanted).max(LEAST_BATCH)) {
            self.load_hits(scope, batch, &mut loaded).await?;
            settled = settle(loaded.hits.clone(), wanted, per_document);
            if settled.len() >= wanted {
                break;
            }
        }
        loaded.hits = settled;
        Ok(loaded)
    }

    async fn load_hits(
        &self,
        scope: &Scope,
        chunks: &[(Place, Scores)],
        loaded: &mut Loaded,
    ) -> Result<()> {
        let places: Vec<Place> = chunks.iter().map(|(place, _)| *place).collect();
        let rows = self.store.load_hits(scope, &places).await?;
        loaded.lost += places.len().saturating_sub(rows.len());
        let mut rows: HashMap<Place, FoundChunk> =
            rows.into_iter().map(|row| ((row.document.collection_id, row.no), row)).collect();
        let hits = chunks.iter().filter_map(|(place, scores)| {
            let FoundChunk { chunk, document, .. } = rows.remove(place)?;
            Some(Hit { score: scores.fused, scores: *scores, chunk, document })
        });
        loaded.hits.extend(hits);
        Ok(())
    }
}

/// The best hits that say different things, at most `wanted`, and so many of one document.
pub(super) fn settle(hits: Vec<Hit>, wanted: usize, per_document: Option<u32>) -> Vec<Hit> {
    let mut hits = drop_near_duplicates(join_neighbours(hits, JOINED_TOKENS));
    if let Some(most) = per_document {
        let mut counts: HashMap<DocumentId, u32> = HashMap::new();
        hits.retain(|hit| {
            let count = counts.entry(hit.document.id).or_default();
            *count += 1;
            *count <= most
        });
    }
    hits.truncate(wanted);
    hits
}
