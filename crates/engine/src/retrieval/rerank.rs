//! A model reads the query beside each of the best hits, and orders them.

use std::time::Duration;

use vpaura_domain::Hit;
use vpaura_llm::{LlmError, Reranker, Timer};

use crate::Engine;

/// Hits that are read: more cost more than they bring.
pub(super) const RERANKED: usize = 50;
/// How long that may take where somebody waits for the hits.
pub(super) const TIME: Duration = Duration::from_secs(10);

const UNREACHABLE: &str = "The reranker cannot be reached: this is in the order of the search.";
const NOT_READY: &str = "The reranker is not ready yet, its model is being loaded: this is in the \
    order of the search.";
const LATE: &str = "The reranker did not answer in time, or its model is still being loaded: this \
    is in the order of the search.";

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

/// Orders the hits within this time. Where the reranker fails they stay as they are, and it is
/// said.
pub(super) async fn rerank(
    reranker: &dyn Reranker,
    query: &str,
    mut hits: Vec<Hit>,
    time: Duration,
) -> Reranked {
    if hits.is_empty() {
        return Reranked { hits, by: None, notice: None };
    }
    let texts: Vec<String> = hits.iter().map(text).collect();
    let asked = tokio::time::timeout(time, reranker.rerank(query, &texts)).await;
    let scores = match asked {
        Ok(Ok(scores)) if scores.len() == hits.len() => Ok(scores),
        Ok(Ok(scores)) => {
            let reason = format!("{} scores for {} texts", scores.len(), hits.len());
            Err(LlmError::Settings(reason))
        }
        Ok(Err(error)) => Err(error),
        Err(_) => Err(LlmError::Timeout { which: Timer::Total }),
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
            Reranked { hits, by: None, notice: Some(notice_of(&error).to_owned()) }
        }
    }
}

fn notice_of(error: &LlmError) -> &'static str {
    match error {
        // What says when to come back is well, and so is a local model on its way.
        LlmError::Unavailable { retry_after: Some(_), .. } => NOT_READY,
        LlmError::Timeout { .. } => LATE,
        _ => UNREACHABLE,
    }
}

/// What is read of a hit: its headings say what its words are about.
fn text(hit: &Hit) -> String {
    match &hit.chunk.headings[..] {
        [] => hit.chunk.text.clone(),
        headings => format!("{}\n{}", headings.join(" › "), hit.chunk.text),
    }
}
