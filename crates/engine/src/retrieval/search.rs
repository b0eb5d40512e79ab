//! The search as people and programs ask for it, and as the engine itself does.

use vpaura_domain::{Permission, Scope, Scores};
use vpaura_knowledge::retrieve::{Fused, fuse};

use super::ground::{Ground, Place};
use super::load::settle;
use super::renewed::Renewed;
use super::rerank::{RERANKED, TIME, rerank};
use super::vectors::ByVectors;
use super::{Found, MAX_HITS, SearchQuery};
use crate::{Engine, Error, Result, Thing};

/// The longest query, in characters.
const MAX_QUERY_CHARS: usize = 2_000;
/// The most collections that are named at once.
const MAX_COLLECTIONS: usize = 20;
/// Candidates of each way of searching, for each hit wanted: neighbours are joined, near-duplicates
/// dropped, and what may not be seen has no row.
const CANDIDATES_A_HIT: usize = 6;
/// Candidates of each way at least.
const LEAST_CANDIDATES: usize = 100;
/// So many times more are looked at where those found are mostly gone.
const DEEPER: usize = 8;

/// Chunks with their scores, the best first.
pub(super) type Ranked = Vec<(Place, Scores)>;

/// The ranking of a search, before any row is read.
pub(super) struct Ranking {
    pub(super) chunks: Ranked,
    /// There may be more than these.
    pub(super) is_cut: bool,
    /// How the search went, without hits.
    pub(super) found: Found,
}

impl Engine {
    /// Searches collections that the caller sees.
    ///
    /// # Errors
    /// [`Thing::Collection`] is missing when one that is named is not there for the caller.
    pub async fn search(&self, scope: &Scope, query: SearchQuery) -> Result<Found> {
        scope.require(Permission::CollectionsRead)?;
        check(&query)?;
        let ground = self.ground(scope, query.collections.as_deref(), &query.filter).await?;
        let named = query.collections.as_deref().unwrap_or_default();
        if !named.iter().all(|id| ground.seen.contains(id)) {
            return Err(Error::NotFound(Thing::Collection));
        }
        self.search_on(scope, ground, &query).await
    }

    /// What fits the query in those of its collections that the scope sees.
    pub(crate) async fn retrieve(&self, scope: &Scope, query: &SearchQuery) -> Result<Found> {
        let ground = self.ground(scope, query.collections.as_deref(), &query.filter).await?;
        self.search_on(scope, ground, query).await
    }

    async fn search_on(&self, scope: &Scope, ground: Ground, query: &SearchQuery) -> Result<Found> {
        let mut renewed = Renewed::new(ground);
        loop {
            let found = self.search_deep(scope, &renewed.ground, query).await?;
            let is_short = found.hits.len() < query.limit as usize;
            if !is_short || !self.renew_ground(scope, query, &mut renewed).await? {
                return Ok(found);
            }
        }
    }

    /// The hits, with those behind what cannot be seen any more.
    async fn search_deep(
        &self,
        scope: &Scope,
        ground: &Ground,
        query: &SearchQuery,
    ) -> Result<Found> {
        let n = candidates(query.limit as usize);
        let (found, lacks) = self.search_among(scope, ground, query, n).await?;
        if !lacks {
            return Ok(found);
        }
        // What is deleted or turned off and still in the index has taken the places of others.
        let ground = self.live(scope, ground).await?;
        Ok(self.search_among(scope, &ground, query, n * DEEPER).await?.0)
    }

    /// The best of `n` candidates of each way, and whether there may be others in the place of
    /// candidates that cannot be seen.
    async fn search_among(
        &self,
        scope: &Scope,
        ground: &Ground,
        query: &SearchQuery,
        n: usize,
    ) -> Result<(Found, bool)> {
        let wanted = query.limit as usize;
        let Ranking { chunks, is_cut, mut found } = self.ranked(ground, query, n).await?;
        let loaded = if query.rerank
            && let Some(reranker) = &self.reranker
        {
            let mut loaded = self.load_first(scope, &chunks, RERANKED).await?;
            let reranked = rerank(reranker.as_ref(), &query.query, loaded.hits, TIME).await;
            found.notice = found.notice.or(reranked.notice);
            found.reranker = reranked.by;
            loaded.hits = settle(reranked.hits, wanted, query.per_document);
            loaded
        } else {
            self.load_settled(scope, &chunks, wanted, query.per_document).await?
        };
        let lacks = is_cut && loaded.lost > 0 && loaded.hits.len() < wanted;
        found.hits = loaded.hits;
        Ok((found, lacks))
    }

    /// The `n` best by words and the `n` best by meaning, fused.
    pub(super) async fn ranked(
        &self,
        ground: &Ground,
        query: &SearchQuery,
        n: usize,
    ) -> Result<Ranking> {
        let words = async {
            match query.by.words {
                true => self.by_words(ground, &query.query, n).await,
                false => Ok(Default::default()),
            }
        };
        let vectors = async {
            match query.by.vectors {
                true => self.by_vectors(ground, &query.query, n).await,
                false => Ok(ByVectors::default()),
            }
        };
        let ((words, terms), vectors) = tokio::try_join!(words, vectors)?;
        let is_cut = words.len().max(vectors.found.len()) >= n;
        let chunks = fuse(&words, &vectors.found, n).into_iter().map(scores).collect();
        let found =
            Found { terms, embedder: vectors.stamp, notice: vectors.notice, ..Found::default() };
        Ok(Ranking { chunks, is_cut, found })
    }
}

/// How many candidates of each way there are for so many hits.
pub(super) fn candidates(wanted: usize) -> usize {
    (wanted * CANDIDATES_A_HIT).max(LEAST_CANDIDATES)
}

fn scores(fused: Fused<Place>) -> (Place, Scores) {
    let Fused { key, bm25, vector, fused } = fused;
    (key, Scores { bm25, vector, fused, reranked: None })
}

fn check(query: &SearchQuery) -> Result<()> {
    if query.query.trim().is_empty() {
        return Err(Error::invalid("query", "must not be empty"));
    }
    if query.query.chars().count() > MAX_QUERY_CHARS {
        let reason = format!("must be at most {MAX_QUERY_CHARS} characters");
        return Err(Error::invalid("query", reason));
    }
    if !(1..=MAX_HITS).contains(&query.limit) {
        return Err(Error::invalid("limit", format!("must be between 1 and {MAX_HITS}")));
    }
    match &query.collections {
        Some(named) if named.is_empty() || named.len() > MAX_COLLECTIONS => {
            let reason = format!("must be 1 to {MAX_COLLECTIONS} ids");
            Err(Error::invalid("collection_ids", reason))
        }
        _ => Ok(()),
    }
}
