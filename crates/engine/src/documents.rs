//! Documents of a collection: texts, uploads, and pages of the web. One operation, one file. What
//! is added here waits; [`ingestion`](crate::ingestion) reads it.

mod add;
mod check;
mod content;
mod delete;
mod get;
mod list;
mod reindex;
mod text;
mod update;
mod upload;

pub use add::{NewDocument, NewSource};
pub use update::DocumentUpdate;
pub use upload::{AddedDocument, Labels, ReceivedDocument};

pub(crate) use check::{is_made_of_url, page_title};

use vpaura_domain::{
    CollectionId, Document, DocumentId, DocumentSource, Metadata, Permission, Scope,
};
use vpaura_store::Content;

use crate::files::Kept;
use crate::{Engine, Error, Result, Thing};

/// What the audit log calls them.
const KIND: &str = "document";

impl Engine {
    async fn visible_document(
        &self,
        scope: &Scope,
        collection: CollectionId,
        id: DocumentId,
    ) -> Result<Document> {
        scope.require(Permission::CollectionsRead)?;
        self.store.get_document(scope, collection, id).await?.ok_or_else(missing)
    }
}

/// What is missing when there is no such document for the caller.
const fn missing() -> Error {
    Error::NotFound(Thing::Document)
}

/// A document that has been found good.
struct Checked {
    collection: CollectionId,
    name: String,
    source: DocumentSource,
    content: Option<Content>,
    /// That very content, where nothing referred to it before.
    kept: Option<Kept>,
    metadata: Metadata,
    /// Whether a document with the same content is answered instead, if there is one.
    unless_there: bool,
}
