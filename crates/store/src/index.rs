//! The search index: segments of postings, vectors and their signatures. What is in them is made
//! and understood by others; here they are rows. See docs/decisions/0008.
//!
//! Whoever reads postings or vectors has them from [`search_space`](crate::Store::search_space),
//! which says what the scope may search, and shows nobody anything but what
//! [`load_hits`](crate::Store::load_hits) then finds in the scope's eyes.

mod allowed;
mod embeddings;
mod hits;
pub(crate) mod list;
mod lists;
mod merge;
mod space;
mod tiers;
mod vectors;
mod write;

use vpaura_domain::{CollectionId, EmbedderStamp, EmbeddingId, SegmentId, WorkspaceId};

pub use allowed::{DocumentMatch, MetadataCondition, MetadataTest, MetadataValue};
pub use embeddings::{ChunkToEmbed, EmbeddingClaim};
pub use hits::FoundChunk;
pub use merge::{Merge, MergedSegment};
pub use vectors::ChunkVectors;
pub(crate) use write::insert_segment;

/// The embedding that searches use.
pub(crate) const SERVING: &str = "serving";
/// The embedding that is being made to take its place.
pub(crate) const BUILDING: &str = "building";
/// A segment or an embedding that waits to be purged.
pub(crate) const RETIRED: &str = "retired";
/// A segment that searches use.
pub(crate) const LIVE: &str = "live";

/// A new segment: the index over chunks that become visible together. They get their numbers when
/// they do; here they are counted from the first of all that become visible with them.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSegment {
    /// Its id.
    pub id: SegmentId,
    /// The place of its first chunk.
    pub first: u32,
    /// How many chunks it covers.
    pub span: u32,
    /// How many chunks it has.
    pub chunks: u32,
    /// How many terms they have together.
    pub terms_total: u64,
    /// What is known of their languages.
    pub languages: String,
    /// The chunks' lengths.
    pub lengths: Vec<u8>,
    /// Each term once, with its list.
    pub postings: Vec<(String, Vec<u8>)>,
    /// The chunks' vectors, for each embedding that has them.
    pub vectors: Vec<NewVectors>,
}

/// Vectors of a segment's chunks.
#[derive(Debug, Clone, PartialEq)]
pub struct NewVectors {
    /// By which embedding.
    pub embedding_id: EmbeddingId,
    /// By the chunks' places.
    pub vectors: Vec<(u32, Vec<u8>)>,
    /// The signs of all of them.
    pub signatures: Vec<u8>,
}

/// What is known of a segment without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentHead {
    /// Its id.
    pub id: SegmentId,
    /// The number of its first chunk.
    pub first_no: u32,
    /// How many numbers it covers.
    pub span: u32,
    /// How many chunks it has, dead ones included.
    pub chunks: u32,
    /// How many terms they have together.
    pub terms_total: u64,
    /// How many of its chunks have no row any more.
    pub dead: u32,
    /// What is known of their languages.
    pub languages: String,
}

/// What a search goes through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchSpace {
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// The collections that the scope may search, of those asked for.
    pub collections: Vec<SearchedCollection>,
}

/// A collection's index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchedCollection {
    /// The collection.
    pub id: CollectionId,
    /// Whose vectors it is searched with.
    pub serving: Option<(EmbeddingId, EmbedderStamp)>,
    /// Its segments, by their numbers.
    pub segments: Vec<SegmentHead>,
}
