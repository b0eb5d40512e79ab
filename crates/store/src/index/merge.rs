//! Merges neighbouring segments into one. The chunks' rows are not touched.
//!
//! One server at a time merges a collection's segments. It writes a segment that nobody searches
//! yet, for as long as it takes, and then puts it in the place of its parts. What a server that is
//! gone has left is retired by the next.

mod begin;
mod finish;
mod write;

use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;
use vpaura_domain::{CollectionId, EmbeddingId, SegmentId, WorkspaceId};

use super::SegmentHead;
use crate::db::Tx;
use crate::entities::segment::{Column, Entity, Model};
use crate::error::Result;

/// A segment that is being written.
const UNFINISHED: &str = "building";

/// One server's right to put one segment in the place of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// The server process.
    pub server: Uuid,
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// The collection.
    pub collection_id: CollectionId,
    /// The new segment.
    pub segment_id: SegmentId,
    /// The first number that it covers.
    pub first_no: u32,
    /// How many numbers it covers.
    pub span: u32,
    /// What it is made of, by their numbers.
    pub parts: Vec<SegmentHead>,
}

/// What is known of the new segment once it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct MergedSegment {
    /// How many chunks it has.
    pub chunks: u32,
    /// How many terms they have together.
    pub terms_total: u64,
    /// What is known of their languages.
    pub languages: String,
    /// The chunks' lengths.
    pub lengths: Vec<u8>,
    /// The signs of their vectors, for each embedding of which all parts have them.
    pub signatures: Vec<(EmbeddingId, Vec<u8>)>,
}

/// The row of the new segment, kept from others, while it is still this server's to write.
async fn held(tx: &Tx, merge: &Merge, lock: LockType) -> Result<Option<Model>> {
    let rows = Entity::find_by_id(merge.segment_id.uuid())
        .filter(Column::Status.eq(UNFINISHED))
        .lock(lock)
        .all(tx)
        .await?;
    Ok(rows.into_iter().next())
}
