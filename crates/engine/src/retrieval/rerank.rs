//! A model reads the query beside each of the best hits, and orders them.

use std::time::Duration;

use vpaura_domain::Hit;
use vpaura_llm::{LlmError, Reranker};

use crate::Engine;

/// Hits that are read: more cost more than they bring.
pub(super) const RERANKED: usize = 50;
/// How long that may take.
const TIME: Duration = Duration::from_secs(10);

/// Hits in a reranker's order, or as they were.
pub(super) struct Reranked {
    pub(super) hits: Vec<Hit>,
    /// Who ordered them.
    pub(super) by: Option<String>,
    /// Why nobody did.
    pub(super) notice: Option<String>,
}

impl Engine {
    /// What orders hits in the end, as `provider/model`; none where there is no such thing.
    pub fn reranker_model(&self) -> Option<&str> {
        self.reranker.as_ref().map(|reranker| reranker.model())
    }
}

/// Orders the hits. Where the reranker fails they stay as they are, and it is said.
pub(super) async fn rerank(reranker: &dyn Reranker, query: &str, mut hits: Vec<Hit>) -> Reranked {
    if hits.is_empty() {
        return Reranked { hits, by: None, notice: None };
    }
    let texts: Vec<String> = hits.iter().map(text).collect();
    let asked = tokio::time::timeout(TIME, reranker.rerank(query, &texts)).await;
    let scores = match asked {
        Ok(Ok(scores)) if scores.len() == hits.len() => Ok(scores),
        Ok(Ok(scores)) => {
            let reason = format!("{} scores for {} texts", scores.len(), hits.len());
            Err(LlmError::Settings(reason))
        }
        Ok(Err(error)) => Err(error),
        Err(_) => Err(LlmError::Settings(format!("no scores came within {TIME:?}"))),
    };
    match scores {
        Ok(scores) => {
            for (hit, score) in hits.iter_mut().zip(scores) {
                hit.score = score;
                hit.scores.reranked = Some(score);
            }
            hits.sort_by(|a, b| b.score.total_cmp(&a.score));
            Reranked { hits, by: Some(reranker.model().to_owned()), notice: None }
        }
        Err(error) => {
            tracing::warn!(%error, reranker = reranker.model(), "a search is not reranked");
            let notice = "The reranker cannot be reached: this is in the order of the search.";
            Reranked { hits, by: None, notice: Some(notice.to_owned()) }
        }
    }
}

/// What is read of a hit: its headings say what its words are about.
fn text(hit: &Hit) -> String {
    match &hit.chunk.headings[..] {
        [] => hit.chunk.text.clone(),
        headings => format!("{}\n{}", headings.join(" › "), hit.chunk.text),
    }
}
