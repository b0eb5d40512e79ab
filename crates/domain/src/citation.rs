//! A mention of a passage in an answer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ChunkId, CollectionId, DocumentId, FileId};

/// A passage that an answer relies on: of an attached file, or of a document of a collection. The
/// span counts Unicode scalar values (`char`s) in the extracted text, end exclusive; lines and
/// pages count from 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Citation {
    /// The number shown in the text as `[n]`, from 1.
    pub index: u32,
    /// The file quoted, where it is an attached file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_id: Option<FileId>,
    /// The document quoted, where it is a collection's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_id: Option<DocumentId>,
    /// The document's collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection_id: Option<CollectionId>,
    /// The document's chunk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunk_id: Option<ChunkId>,
    /// The document's name.
    pub document: String,
    /// The headings above the passage, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headings: Vec<String>,
    /// The passage, at most 2,000 characters.
    pub quote: String,
    /// First character of the passage in the extracted text.
    pub start: u32,
    /// One past its last character.
    pub end: u32,
    /// First line of the passage.
    pub line_start: u32,
    /// Last line of the passage.
    pub line_end: u32,
    /// First page of the passage, where there are pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_start: Option<u32>,
    /// Last page of the passage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_end: Option<u32>,
}
