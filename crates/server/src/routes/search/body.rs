//! What is searched for, and what is found.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use vpaura_domain::{CollectionId, EmbedderStamp, Hit};
use vpaura_engine::{Found, SearchBy, SearchQuery};

use super::filter;
use crate::problem::Problem;

/// Hits where no limit is given.
const USUAL_HITS: u32 = 10;

/// What to find.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "query": "How long do refunds take?",
    "limit": 5,
    "filter": { "language": "en", "year": { "gte": 2024 }, "kind": { "in": ["policy", "faq"] } },
}))]
pub(crate) struct SearchBody {
    /// In words, in any language.
    #[schema(min_length = 1, max_length = 2_000)]
    pub(super) query: String,
    /// The most hits: 10 when absent.
    #[schema(minimum = 1, maximum = 50)]
    pub(super) limit: Option<u32>,
    /// Which documents may be found, by their metadata: for each key a value, `{"in": [values]}`,
    /// or `{"gte": value, "lte": value}`. All of the at most 16 keys must fit. `$documents` takes
    /// `{"in": [ids of documents]}`.
    #[serde(default)]
    #[schema(value_type = HashMap<String, Value>)]
    pub(super) filter: Map<String, Value>,
    /// Whether the reranker orders the hits: if there is one, when absent.
    pub(super) rerank: Option<bool>,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchAnswer {
    /// The best first.
    hits: Vec<Hit>,
    /// How long it took, in milliseconds.
    took_ms: f64,
    /// The terms that were looked up.
    terms: Vec<String>,
    /// Whose vectors were compared; null when words alone decided.
    embedder: Option<EmbedderStamp>,
    /// Who ordered the hits in the end, as `provider/model`; null when nobody did.
    reranker: Option<String>,
    /// Why it was not searched as it could be, in a sentence.
    notice: Option<String>,
}

impl SearchBody {
    /// The search of these collections; of all that the caller sees where there are none.
    pub(super) fn into_query(
        self,
        collections: Option<Vec<CollectionId>>,
    ) -> Result<SearchQuery, Problem> {
        Ok(SearchQuery {
            collections,
            query: self.query,
            limit: self.limit.unwrap_or(USUAL_HITS),
            per_document: None,
            filter: filter::read(self.filter)?,
            rerank: self.rerank.unwrap_or(true),
            by: SearchBy::ALL,
        })
    }
}

impl SearchAnswer {
    pub(super) fn new(found: Found, took: Duration) -> Self {
        let Found { hits, terms, embedder, reranker, notice } = found;
        // Microseconds are plenty.
        let took_ms = (took.as_secs_f64() * 1e6).round() / 1e3;
        Self { hits, took_ms, terms, embedder, reranker, notice }
    }
}
