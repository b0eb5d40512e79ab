//! The ranking of documents, to measure how good it is.

use std::collections::HashSet;

use vpaura_domain::{HitDocument, Permission, Scope};

use super::SearchQuery;
use super::rerank::{RERANKED, rerank};
use super::search::{Ranking, candidates};
use crate::{Engine, Result};

/// The most documents that are ranked.
const MAX_RANKED: u32 = 1_000;

impl Engine {
    /// The documents that fit the query, each once, by the best of its chunks; the query's limit
    /// counts documents here, at most 1,000. Nothing is joined or left out.
    pub async fn rank_documents(
        &self,
        scope: &Scope,
        query: &SearchQuery,
    ) -> Result<Vec<HitDocument>> {
        scope.require(Permission::CollectionsRead)?;
        let wanted = query.limit.min(MAX_RANKED) as usize;
        let ground = self.ground(scope, query.collections.as_deref(), &query.filter).await?;
        let Ranking { chunks, .. } = self.ranked(&ground, query, candidates(wanted)).await?;
        let mut hits = self.load_first(scope, &chunks, chunks.len()).await?.hits;
        if query.rerank
            && let Some(reranker) = &self.reranker
        {
            let rest = hits.split_off(RERANKED.min(hits.len()));
            hits = rerank(reranker.as_ref(), &query.query, hits).await.hits;
            hits.extend(rest);
        }
        let mut seen = HashSet::new();
        let documents = hits.into_iter().map(|hit| hit.document);
        Ok(documents.filter(|it| seen.insert(it.id)).take(wanted).collect())
    }
}
