//! The measures.

use serde::Serialize;

use super::Judged;

/// How good a ranking is; each from 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Measures {
    /// Discounted cumulative gain of the first `k`, as part of the best that is possible. The gain
    /// is the relevance itself, as `trec_eval` counts it.
    pub ndcg: f64,
    /// How many of all relevant documents are among the first `k`.
    pub recall: f64,
    /// One by the place of the first relevant document among the first `k`, 0 without one.
    pub mrr: f64,
}

/// Measures a ranking of document ids, the best first, by its first `k`. None when no document is
/// relevant to the query, which then says nothing. A document that comes twice counts once.
pub fn measure(ranking: &[impl AsRef<str>], judged: &Judged, k: usize) -> Option<Measures> {
    let relevant = judged.values().filter(|gain| **gain > 0).count();
    if relevant == 0 {
        return None;
    }
    let mut seen = std::collections::HashSet::new();
    let ranking = ranking.iter().map(AsRef::as_ref).filter(|id| seen.insert(*id)).take(k);
    let gains: Vec<u32> = ranking.map(|id| judged.get(id).copied().unwrap_or_default()).collect();
    let mut ideal: Vec<u32> = judged.values().copied().collect();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    ideal.truncate(k);
    let found = gains.iter().filter(|gain| **gain > 0).count();
    let first = gains.iter().position(|gain| *gain > 0);
    Some(Measures {
        ndcg: discounted(&gains) / discounted(&ideal),
        recall: found as f64 / relevant as f64,
        mrr: first.map_or(0.0, |place| 1.0 / (place + 1) as f64),
    })
}

fn discounted(gains: &[u32]) -> f64 {
    gains.iter().zip(2_u32..).map(|(gain, place)| f64::from(*gain) / f64::from(place).log2()).sum()
}

/// The mean over queries; zeros of none.
pub fn mean(measures: &[Measures]) -> Measures {
    let of = |part: fn(&Measures) -> f64| {
        measures.iter().map(part).sum::<f64>() / measures.len().max(1) as f64
    };
    Measures { ndcg: of(|m| m.ndcg), recall: of(|m| m.recall), mrr: of(|m| m.mrr) }
}
