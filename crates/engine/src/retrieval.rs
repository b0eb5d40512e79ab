//! Retrieval: what of the collections fits a query, by words and by meaning, for whoever asks.
//!
//! A search reads the posting lists of the query's terms and scores them (`words`), compares the
//! query's vector with those of the chunks (`vectors`), fuses the two rankings, and loads the best
//! chunks that the caller may see, until there are enough of them (`search`). What an index knows
//! of a chunk that is deleted, disabled or another's has no row, and so is never shown. What is
//! indexed anew while a search is under way is found by looking again (`renewed`).
//!
//! `upkeep` keeps the index in order meanwhile: it merges segments, and makes new vectors when the
//! embedder has changed.

mod cache;
mod chat;
mod former;
mod ground;
mod load;
mod rank;
mod renewed;
mod rerank;
mod search;
mod upkeep;
mod vectors;
mod words;

use vpaura_domain::{CollectionId, EmbedderStamp, Hit};
use vpaura_store::DocumentMatch;

pub(crate) use cache::SegmentCache;
pub(crate) use former::FormerEmbedders;
pub use former::MakeEmbedder;
pub use rank::RankedDocuments;
pub(crate) use upkeep::Upkeep;

/// The most hits of a search that a person or a chatbot asks for.
pub const MAX_HITS: u32 = 50;

/// What is searched for, where, and how.
#[derive(Debug, Clone)]
pub struct SearchQuery {
    /// The collections; all that the caller sees where none are named.
    pub collections: Option<Vec<CollectionId>>,
    /// What to find, in words.
    pub query: String,
    /// How many hits.
    pub limit: u32,
    /// Of one document at most so many; any number where there is none.
    pub per_document: Option<u32>,
    /// The documents that may be found.
    pub filter: DocumentMatch,
    /// Whether the reranker orders the hits, where there is one.
    pub rerank: bool,
    /// By what is searched.
    pub by: SearchBy,
}

/// By what is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchBy {
    /// Words that chunk and query share.
    pub words: bool,
    /// Likeness of meaning, where the collection has vectors.
    pub vectors: bool,
}

impl SearchBy {
    /// Both.
    pub const ALL: Self = Self { words: true, vectors: true };
}

/// What was found, and how it was searched.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The hits, the best first.
    pub hits: Vec<Hit>,
    /// The terms that were looked up.
    pub terms: Vec<String>,
    /// Whose vectors were compared; none when words alone decided.
    pub embedder: Option<EmbedderStamp>,
    /// Who reranked.
    pub reranker: Option<String>,
    /// Why it was not searched as it could be, in a sentence.
    pub notice: Option<String>,
}
