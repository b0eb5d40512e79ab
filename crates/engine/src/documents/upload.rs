//! Adds an upload as a document, without a file of its own. In two steps, since what is said about
//! an upload may come behind its bytes.

use bytes::Bytes;
use futures_util::Stream;
use vpaura_domain::{CollectionId, Document, DocumentSource, Metadata, Origin, Scope};
use vpaura_store::{Content, Created};

use super::{Checked, check};
use crate::files::Received;
use crate::{Engine, Error, Result};

/// An upload that was taken in for a collection. Dropped, it leaves nothing behind.
pub struct ReceivedDocument {
    collection: CollectionId,
    received: Received,
}

/// What an upload is called, and what is noted on it.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    /// Its name; the file's own when absent.
    pub name: Option<String>,
    /// Free JSON.
    pub metadata: Metadata,
}

/// A document, and whether it was added now: the same content is in a collection once.
#[derive(Debug, Clone)]
pub struct AddedDocument {
    /// The document.
    pub document: Document,
    /// Whether it was not there before.
    pub is_new: bool,
}

impl Engine {
    /// Whether the caller may add to the collection, for those who ask before they send much.
    pub async fn may_add_documents(&self, scope: &Scope, collection: CollectionId) -> Result<()> {
        self.may_change_collection(scope, collection).await
    }

    /// Takes in an upload for the collection. `file_name` says what it is where its content does
    /// not; `content` may end with an error of the transport.
    pub async fn receive_document<S, E>(
        &self,
        scope: &Scope,
        collection: CollectionId,
        file_name: &str,
        content: S,
    ) -> Result<ReceivedDocument, E>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: From<Error>,
    {
        self.may_change_collection(scope, collection).await?;
        let received = self.receive(file_name, content, self.settings.upload_bytes).await?;
        Ok(ReceivedDocument { collection, received })
    }

    /// Adds what was taken in as a document, which waits to be read.
    pub async fn keep_document(
        &self,
        scope: &Scope,
        taken: ReceivedDocument,
        labels: Labels,
        origin: &Origin,
    ) -> Result<AddedDocument> {
        let ReceivedDocument { collection, received } = taken;
        self.may_change_collection(scope, collection).await?;
        let name = labels.name.as_deref().map(check::name).transpose()?;
        let name = name.unwrap_or_else(|| received.name.clone());
        let (media_type, size) = (received.media_type.to_owned(), received.size);
        let kept = self.keep_content(received).await?;
        let content = Some(Content { sha256: kept.sha256.clone(), media_type, size });
        let source = DocumentSource::File { file_id: None };
        let metadata = labels.metadata;
        let (kept, unless_there) = (Some(kept), true);
        let checked = Checked { collection, name, source, content, kept, metadata, unless_there };
        let added = self.add_checked(scope, checked, None, origin).await?;
        let is_new = matches!(added, Created::New(_));
        Ok(AddedDocument { document: added.into_inner(), is_new })
    }
}

impl std::fmt::Debug for ReceivedDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReceivedDocument")
            .field("collection", &self.collection)
            .finish_non_exhaustive()
    }
}
