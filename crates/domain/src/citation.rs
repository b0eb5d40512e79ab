//! A mention of a passage in an answer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ChunkId, CollectionId, DocumentId, FileId};

/// What a passage is quoted from.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Quoted {
    /// An attached file.
    File(FileId),
    /// A document of a collection.
    Document(DocumentId),
}

/// A passage that an answer relies on: of an attached file, or of a document of a collection. The
/// span counts Unicode scalar values (`char`s) in the extracted text, end exclusive; lines and
/// pages count from 1.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Citation {
    /// The number shown in the text as `[n]`, from 1.
    pub index: u32,
    /// True when what it quotes is not there any more, or not open to the reader: then all but
    /// the number is empty. It is for each reader, whenever they read; stored only of an answer
    /// that was finished after what it quotes had gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
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

impl Citation {
    /// What is left of a citation when what it quotes is gone: its number, so that the text still
    /// makes sense.
    pub fn gone(index: u32) -> Self {
        Self { index, gone: true, ..Self::default() }
    }

    /// What it quotes.
    pub fn quoted(&self) -> Option<Quoted> {
        self.file_id.map(Quoted::File).or(self.document_id.map(Quoted::Document))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SequentialIds;

    #[test]
    fn nothing_but_its_number_is_left_of_a_citation_that_is_gone() {
        let json = serde_json::to_value(Citation::gone(3)).expect("serialises");
        let nothing = serde_json::json!({
            "index": 3, "gone": true, "document": "", "quote": "",
            "start": 0, "end": 0, "line_start": 0, "line_end": 0,
        });
        assert_eq!(json, nothing);
        assert_eq!(Citation::gone(3).quoted(), None);
    }

    #[test]
    fn a_citation_quotes_a_file_or_a_document_and_says_nothing_of_being_gone() {
        let ids = SequentialIds::default();
        let (file, document) = (FileId::generate(&ids), DocumentId::generate(&ids));
        let of_file = Citation { file_id: Some(file), ..Citation::default() };
        assert_eq!(of_file.quoted(), Some(Quoted::File(file)));
        let of_document = Citation { document_id: Some(document), ..Citation::default() };
        assert_eq!(of_document.quoted(), Some(Quoted::Document(document)));
        let json = serde_json::to_value(of_document).expect("serialises");
        assert_eq!(json.get("gone"), None);
    }
}
