//! Documents of a collection, and the chunks they are cut into.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ChunkId, CollectionId, DocumentId, FileId, Metadata, Timestamp, UserId};

/// Where a document's content comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DocumentSource {
    /// An upload.
    File {
        /// The upload it was made from; none when it was uploaded into the collection.
        file_id: Option<FileId>,
    },
    /// A page of the web, as it was when it was fetched.
    Url {
        /// Its address.
        url: String,
    },
    /// Text that was handed over.
    Text,
}

/// How far a document is. Only what is ready is ever found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentStatus {
    /// Waits to be read.
    Pending,
    /// Is being read, cut and indexed.
    Processing,
    /// Can be found, whole.
    Ready,
    /// Could not be read; `error` says why.
    Failed,
}

/// A document of a collection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// The collection.
    pub collection_id: CollectionId,
    /// Its name, at most 255 bytes.
    pub name: String,
    /// Where its content comes from.
    pub source: DocumentSource,
    /// The media type of its content, once known; of a page of the web with the charset that its server
    /// named, if that is another than UTF-8.
    pub media_type: Option<String>,
    /// The content's size in bytes, once known.
    pub size: Option<u64>,
    /// SHA-256 of the content in hexadecimal, once known.
    pub sha256: Option<String>,
    /// What the caller noted on it: filters compare with it.
    pub metadata: Metadata,
    /// How far it is.
    pub status: DocumentStatus,
    /// Why it could not be read, in a sentence for people.
    pub error: Option<String>,
    /// What of it could not be read when its chunks were made, such as pages that are pictures, in
    /// sentences for people of at most 500 bytes; none where all of it could.
    pub notice: Option<String>,
    /// Whether it is searched, once it is ready.
    pub enabled: bool,
    /// How many characters of text it has.
    pub chars: u64,
    /// How many pages, where it has such.
    pub pages: Option<u32>,
    /// How many chunks.
    pub chunks: u32,
    /// Who added it.
    pub created_by: Option<UserId>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Where a passage lies in a document's extracted text. Characters are Unicode scalar values from
/// 0, the end exclusive; lines and pages count from 1, both ends inclusive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Span {
    /// First character.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
    /// First line.
    pub line_start: u32,
    /// Last line.
    pub line_end: u32,
    /// First page, where the document has pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_start: Option<u32>,
    /// Last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_end: Option<u32>,
}

/// A retrievable passage of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Chunk {
    /// Its id.
    pub id: ChunkId,
    /// The document.
    pub document_id: DocumentId,
    /// Its place among the document's chunks, from 0.
    pub position: u32,
    /// Its words.
    pub text: String,
    /// The headings above it, the outermost first.
    pub headings: Vec<String>,
    /// Where it lies in the document. An edited chunk keeps the place of what it was.
    pub span: Span,
    /// How many tokens it has.
    pub tokens: u32,
    /// Whether it is searched.
    pub enabled: bool,
    /// Whether a person changed its words.
    pub edited: bool,
}
