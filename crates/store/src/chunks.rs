//! Chunks as people see them: read, turned off and on, and given other words.

mod change;
mod read;
mod replace;

use vpaura_domain::{Chunk, ChunkId, DocumentId};

pub use replace::ReplaceChunk;

use crate::codec;
use crate::entities::chunk::Model;
use crate::error::{Result, StoreError};

impl TryFrom<Model> for Chunk {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            id: ChunkId::from_uuid(row.id),
            document_id: DocumentId::from_uuid(row.document_id),
            position: codec::to_u32(row.position, "chunks.position")?,
            text: row.text,
            headings: codec::from_text(&row.headings, "chunks.headings")?,
            span: codec::from_text(&row.span, "chunks.span")?,
            tokens: codec::to_u32(row.tokens, "chunks.tokens")?,
            enabled: row.enabled,
            edited: row.edited,
        })
    }
}
