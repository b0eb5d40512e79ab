//! Whose vectors a collection has. One embedding serves; another one may be built beside it, and
//! takes its place when every segment has its signatures.

mod begin;
mod claim;
mod serve;
mod vectors;

use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;
use vpaura_domain::{CollectionId, EmbedderStamp, EmbeddingId, WorkspaceId};

pub use vectors::ChunkToEmbed;

use super::{BUILDING, SERVING};
use crate::db::Tx;
use crate::entities::embedding::{Column, Entity};
use crate::error::Result;

/// One server's right to make an embedding's vectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddingClaim {
    /// The server process.
    pub server: Uuid,
    /// The embedding.
    pub id: EmbeddingId,
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// The collection.
    pub collection_id: CollectionId,
    /// Who makes its vectors.
    pub stamp: EmbedderStamp,
    /// Whether searches use it already, and only some segments lack signatures.
    pub is_serving: bool,
}

/// Whether the claim holds; the embedding then stays until the transaction ends.
async fn is_held(tx: &Tx, claim: &EmbeddingClaim) -> Result<bool> {
    let rows: Vec<Uuid> = Entity::find_by_id(claim.id.uuid())
        .select_only()
        .column(Column::Id)
        .filter(Column::LeaseOwner.eq(claim.server))
        .filter(Column::Status.is_in([SERVING, BUILDING]))
        .lock(LockType::KeyShare)
        .into_tuple()
        .all(tx)
        .await?;
    Ok(!rows.is_empty())
}
