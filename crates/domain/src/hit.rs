//! What a search finds.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Chunk, CollectionId, DocumentId, Metadata};

/// How well a chunk fits a query, by part. Scores of different queries cannot be compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Scores {
    /// By words (BM25, 0 and more); none when no word fits.
    pub bm25: Option<f32>,
    /// By meaning (cosine, -1 to 1); none without vectors or when it was not among the nearest.
    pub vector: Option<f32>,
    /// Both together; what hits are sorted by, unless they were reranked.
    pub fused: f32,
    /// By the reranker, where one is used.
    pub reranked: Option<f32>,
}

/// The document that a hit belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HitDocument {
    /// Its id.
    pub id: DocumentId,
    /// Its collection.
    pub collection_id: CollectionId,
    /// Its name.
    pub name: String,
    /// What is noted on it.
    pub metadata: Metadata,
}

/// A chunk that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Hit {
    /// How well it fits: the reranked score where there is one, else the fused one.
    pub score: f32,
    /// How well, by part.
    pub scores: Scores,
    /// The chunk. Where neighbours were joined, the best one's id with the joined text and span.
    pub chunk: Chunk,
    /// Its document.
    pub document: HitDocument,
}
