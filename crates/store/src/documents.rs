//! Documents of collections: add, read, change, delete, read again.

mod add;
mod again;
mod change;
mod delete;
mod read;

use sea_orm::ColumnTrait;
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use vpaura_domain::{
    CollectionId, Document, DocumentId, DocumentSource, DocumentStatus, Metadata, Timestamp, UserId,
};

pub(crate) use delete::{RETIRE_DEAD, bury};

use crate::codec::{self, Word, to_u64};
use crate::entities::document::Model;
use crate::error::{Result, StoreError};

/// Bytes that lie in the storage under their hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Their media type.
    pub media_type: String,
    /// How many.
    pub size: u64,
}

/// A document to be added. It waits to be read.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDocument {
    /// Its id.
    pub id: DocumentId,
    /// The collection.
    pub collection_id: CollectionId,
    /// Its name.
    pub name: String,
    /// Where its content comes from.
    pub source: DocumentSource,
    /// The content, unless it is still to be fetched.
    pub content: Option<Content>,
    /// What the caller noted on it.
    pub metadata: Metadata,
    /// Who adds it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
    /// Whether a document of the collection that has the same content already is answered instead.
    pub unless_there: bool,
}

/// What changes of a document; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DocumentChanges {
    /// The new name.
    pub name: Option<String>,
    /// What is noted on it instead.
    pub metadata: Option<Metadata>,
    /// Whether it is searched.
    pub enabled: Option<bool>,
}

/// Which documents a list shows. What is absent does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentFilter {
    /// Only those that are this far.
    pub status: Option<DocumentStatus>,
    /// Only those whose names contain this, in whatever case.
    pub query: Option<String>,
    /// Only those with this content.
    pub sha256: Option<String>,
}

/// The condition that a folded name contains what is asked for.
pub(crate) fn name_contains<C: ColumnTrait>(name_key: C, query: &str) -> Expr {
    let mut pattern = String::with_capacity(query.len() + 2);
    pattern.push('%');
    // PostgreSQL's texts cannot hold U+0000, so no name has one.
    for c in query.to_lowercase().chars().filter(|c| *c != '\0') {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    Expr::col(name_key.as_column_ref()).like(LikeExpr::new(pattern).escape('\\'))
}

impl TryFrom<Model> for Document {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self> {
        let pages = row.pages.map(|pages| codec::to_u32(pages, "documents.pages"));
        Ok(Self {
            id: DocumentId::from_uuid(row.id),
            collection_id: CollectionId::from_uuid(row.collection_id),
            name: row.name,
            source: codec::from_text(&row.source, "documents.source")?,
            media_type: row.media_type,
            size: row.size.map(to_u64),
            sha256: row.sha256,
            metadata: codec::metadata(row.metadata, "documents.metadata")?,
            status: DocumentStatus::from_word(&row.status, "documents.status")?,
            error: row.error,
            notice: row.notice,
            enabled: row.enabled,
            chars: to_u64(row.chars),
            pages: pages.transpose()?,
            chunks: codec::to_u32(row.chunks, "documents.chunks")?,
            created_by: row.created_by.map(UserId::from_uuid),
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}
