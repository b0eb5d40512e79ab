//! The reading of documents: who does it, and what comes of it.
//!
//! A server claims documents for a while. Each claim of a document is an attempt with a number;
//! whoever holds an earlier one is refused, however late their work arrives.

mod claim;
mod commit;
mod fail;
mod lease;
mod lost;
mod numbers;
mod turns;

use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;
use vpaura_domain::{
    ChunkId, Chunking, CollectionId, Document, DocumentId, DocumentStatus, EmbedderStamp,
    EmbeddingId, Span, Subject, WorkspaceId,
};

use crate::codec::{Word, to_i64};
use crate::documents::Content;
use crate::entities::document::Column;
use crate::index::NewSegment;

pub(crate) use numbers::give_numbers;
pub use turns::ClaimTurns;

/// One server's right to read one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentClaim {
    /// The server process.
    pub server: Uuid,
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// The collection.
    pub collection_id: CollectionId,
    /// The document.
    pub document_id: DocumentId,
    /// The number of the attempt.
    pub attempt: u64,
}

impl DocumentClaim {
    /// The document, while the claim holds.
    fn held(&self) -> Condition {
        Condition::all()
            .add(Column::Id.eq(self.document_id.uuid()))
            .add(Column::CollectionId.eq(self.collection_id.uuid()))
            .add(Column::Status.eq(DocumentStatus::Processing.word()))
            .add(Column::LeaseOwner.eq(self.server))
            .add(Column::Attempt.eq(to_i64(self.attempt)))
    }
}

/// A document to be read.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedDocument {
    /// The right to it.
    pub claim: DocumentClaim,
    /// The document.
    pub document: Document,
    /// How it is to be cut.
    pub chunking: Chunking,
    /// Who asked for it to be read, as they may now be looked up; none for the server's operator.
    pub asked_by: Option<Subject>,
    /// How often it was claimed since somebody last asked for it, this time included.
    pub tries: u32,
    /// Whose vectors its collection is searched with.
    pub serving: Option<(EmbeddingId, EmbedderStamp)>,
    /// Whose vectors are being made to replace those.
    pub building: Option<(EmbeddingId, EmbedderStamp)>,
}

/// A chunk to be stored. Its number and its position follow from its place in the list.
#[derive(Debug, Clone, PartialEq)]
pub struct NewChunk {
    /// Its id.
    pub id: ChunkId,
    /// Its words.
    pub text: String,
    /// The headings above it.
    pub headings: Vec<String>,
    /// Where it lies.
    pub span: Span,
    /// How many tokens it has.
    pub tokens: u32,
}

/// What was fetched for a document. Until its chunks are committed, what it had before stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Its new content.
    pub content: Content,
    /// What it is called from now on, if it was called by its address and still is.
    pub rename: Option<Rename>,
}

/// Another name for a document, unless somebody has renamed it meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// What it is called.
    pub from: String,
    /// What it is to be called.
    pub to: String,
}

/// A document that was read, cut and indexed.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexedDocument {
    /// Which.
    pub document_id: DocumentId,
    /// The attempt that it was claimed with.
    pub attempt: u64,
    /// What was fetched for it, where it is a page of the web.
    pub fetched: Option<Fetched>,
    /// How many characters of text it has.
    pub chars: u64,
    /// How many pages, where it has such.
    pub pages: Option<u32>,
    /// What of it could not be read, in sentences for people.
    pub notice: Option<String>,
    /// The place of its first chunk among all of the commit; the others follow.
    pub first: u32,
    /// All its chunks, in order.
    pub chunks: Vec<NewChunk>,
}

/// Documents of one collection that become visible together.
#[derive(Debug, Clone, PartialEq)]
pub struct CommitDocuments {
    /// The server process.
    pub server: Uuid,
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// The collection.
    pub collection_id: CollectionId,
    /// The documents, each once.
    pub documents: Vec<IndexedDocument>,
    /// The index over all their chunks.
    pub segments: Vec<NewSegment>,
}
