//! Collections: knowledge that chatbots answer from.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{CollectionId, Timestamp, UserId, Visibility};

/// How documents are cut into chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Chunking {
    /// The most tokens of a chunk, 64 to 2,048.
    pub max_tokens: u32,
    /// Tokens that a chunk repeats from the one before it where one text had to be cut, at most
    /// half of `max_tokens`.
    pub overlap_tokens: u32,
}

impl Default for Chunking {
    fn default() -> Self {
        Self { max_tokens: 256, overlap_tokens: 32 }
    }
}

/// What a collection's vectors are made by. Vectors of different embedders cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct EmbedderStamp {
    /// The embedder, as `provider/model`.
    pub model: String,
    /// How many numbers a vector has.
    pub dimension: u32,
}

/// How far a collection's vectors are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EmbeddingState {
    /// Whose vectors searches use now; none searches by words alone.
    pub serving: Option<EmbedderStamp>,
    /// Whose vectors are being made, while the others serve.
    pub building: Option<EmbedderStamp>,
    /// Chunks that have a vector of `building`.
    pub built_chunks: u64,
    /// Why building stands still, in a sentence.
    pub error: Option<String>,
}

/// How many documents there are, by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CollectionCounts {
    /// All.
    pub documents_total: u64,
    /// Those that are searched.
    pub documents_ready: u64,
    /// Those that could not be read.
    pub documents_failed: u64,
    /// Chunks that are searched.
    pub chunks: u64,
}

/// A set of documents that is searched as one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Collection {
    /// Its id.
    pub id: CollectionId,
    /// Its name, at most 200 characters.
    pub name: String,
    /// What it holds, at most 2,000 characters.
    pub description: Option<String>,
    /// Who may search it.
    pub visibility: Visibility,
    /// How its documents are cut.
    pub chunking: Chunking,
    /// How many documents it has.
    #[serde(flatten)]
    pub counts: CollectionCounts,
    /// How far its vectors are.
    pub embedding: EmbeddingState,
    /// Who made it; none once that user is gone, or when a machine did.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it or its settings were last changed.
    pub updated_at: Timestamp,
}
