//! The ranking of documents, to measure how good it is.

use std::collections::HashSet;
use std::time::Duration;

use vpaura_domain::{HitDocument, Permission, Scope};
use vpaura_local_models::LOCAL;

use super::SearchQuery;
use super::ground::Ground;
use super::renewed::Renewed;
use super::rerank::{RERANKED, TIME, rerank};
use super::search::{Ranking, candidates};
use crate::{Engine, Result};

/// The most documents that are ranked.
const MAX_RANKED: u32 = 1_000;
/// How long a local reranker may take: it may have to be fetched first, and a measurement without it
/// is none.
const PATIENCE: Duration = Duration::from_secs(7_200);

/// A ranking of documents.
#[derive(Debug, Clone, Default)]
pub struct RankedDocuments {
    /// The documents, the best first.
    pub documents: Vec<HitDocument>,
    /// Why it is not the ranking that was asked for, in a sentence.
    pub notice: Option<String>,
}

impl Engine {
    /// The documents that fit the query, each once, by the best of its chunks; the query's limit
    /// counts documents here, at most 1,000. Nothing is joined or left out.
    pub async fn rank_documents(
        &self,
        scope: &Scope,
        query: &SearchQuery,
    ) -> Result<RankedDocuments> {
        scope.require(Permission::CollectionsRead)?;
        let wanted = query.limit.min(MAX_RANKED) as usize;
        let ground = self.ground(scope, query.collections.as_deref(), &query.filter).await?;
        let mut renewed = Renewed::new(ground);
        loop {
            let ranked = self.rank_on(scope, &renewed.ground, query, wanted).await?;
            let is_short = ranked.documents.len() < wanted;
            if !is_short || !self.renew_ground(scope, query, &mut renewed).await? {
                return Ok(ranked);
            }
        }
    }

    async fn rank_on(
        &self,
        scope: &Scope,
        ground: &Ground,
        query: &SearchQuery,
        wanted: usize,
    ) -> Result<RankedDocuments> {
        let Ranking { chunks, found, .. } = self.ranked(ground, query, candidates(wanted)).await?;
        let mut notice = found.notice;
        let mut hits = self.load_first(scope, &chunks, chunks.len()).await?.hits;
        if query.rerank
            && let Some(reranker) = &self.reranker
        {
            let rest = hits.split_off(RERANKED.min(hits.len()));
            let is_local = reranker.model().split('/').next() == Some(LOCAL);
            let time = if is_local { PATIENCE } else { TIME };
            let reranked = rerank(reranker.as_ref(), &query.query, hits, time).await;
            notice = notice.or(reranked.notice);
            hits = reranked.hits;
            hits.extend(rest);
        }
        let mut seen = HashSet::new();
        let documents = hits.into_iter().map(|hit| hit.document);
        let documents = documents.filter(|it| seen.insert(it.id)).take(wanted).collect();
        Ok(RankedDocuments { documents, notice })
    }
}
