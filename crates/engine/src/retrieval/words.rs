//! By words: the posting lists of the query's terms, scored with BM25.

use std::collections::HashMap;
use std::sync::Arc;

use vpaura_domain::SegmentId;
use vpaura_knowledge::index::{IndexError, PostingList, Scored, SegmentStats, bm25};
use vpaura_knowledge::terms::{QueryTerms, query_terms};

use super::cache::Part;
use super::ground::{Ground, Place, Searched};
use crate::{Engine, Error, Result};

/// The posting lists as they are stored: segment, term, list.
type Lists = Vec<(SegmentId, String, Vec<u8>)>;

impl Engine {
    /// The `n` chunks that share words with the query and fit it best, the best first, with the
    /// terms that were looked up.
    pub(super) async fn by_words(
        &self,
        ground: &Ground,
        query: &str,
        n: usize,
    ) -> Result<(Vec<(Place, f32)>, Vec<String>)> {
        let asked = query_terms(query, &ground.languages());
        let terms = asked.terms();
        if terms.is_empty() || ground.segments.is_empty() {
            return Ok((Vec::new(), terms));
        }
        let ids: Vec<SegmentId> = ground.segments.iter().map(|it| it.head.id).collect();
        let workspace = ground.workspace;
        let load =
            async |missing: &[SegmentId]| self.store.segment_lengths(workspace, missing).await;
        let (lengths, lists) = tokio::try_join!(
            self.segment_cache.get(&ids, Part::Lengths, load),
            self.store.postings(workspace, &ids, &terms),
        )?;
        let segments = Arc::clone(&ground.segments);
        // Long lists take milliseconds: not on a thread that serves others.
        let scored =
            tokio::task::spawn_blocking(move || score(&asked, &segments, &lengths, &lists, n));
        let scored = scored.await.map_err(|error| Error::Internal(format!("scoring: {error}")))?;
        let scored = scored.map_err(|error| Error::Internal(format!("the index: {error}")))?;
        let found =
            scored.into_iter().filter_map(|it| Some((ground.place(it.segment, it.no)?, it.score)));
        Ok((found.collect(), terms))
    }
}

fn score(
    asked: &QueryTerms,
    segments: &[Searched],
    lengths: &[Option<Arc<[u8]>>],
    lists: &Lists,
    n: usize,
) -> Result<Vec<Scored>, IndexError> {
    let stats: Vec<SegmentStats<'_>> = segments
        .iter()
        .zip(lengths)
        .map(|(segment, lengths)| SegmentStats {
            first_no: segment.head.first_no,
            chunks: segment.head.chunks,
            terms_total: segment.head.terms_total,
            // A segment that was retired meanwhile has no lengths, and nothing is found in it.
            lengths: lengths.as_deref().unwrap_or_default(),
            allowed: segment.allowed.as_deref(),
        })
        .collect();
    let places: HashMap<SegmentId, usize> =
        segments.iter().enumerate().map(|(place, it)| (it.head.id, place)).collect();
    let lists = lists.iter().filter_map(|(segment, term, data)| {
        let segment = *places.get(segment)?;
        let is_there = lengths.get(segment)?.is_some();
        is_there.then_some(PostingList { segment, term, data })
    });
    bm25(asked, &stats, &lists.collect::<Vec<_>>(), n)
}
